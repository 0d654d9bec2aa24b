#include "models/config/profile.hpp"

namespace elblab::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// behaviour.md 0.4, column by column; each later profile is the one before with its differences,
// which is the inheritance rule of 0.2.
Profile shared_2020() {
  Profile p;
  p.name = "shared-2020";
  p.source_pool = net::Subnet(net::IpAddress::v4(100, 125, 0, 0), 16);  // FWD-05
  p.transfer_client_ip_default = false;                                 // SRC-02
  p.transfer_client_ip_configurable = true;
  p.l4_stickiness_default = minutes(20);  // STK-10, CON-01
  p.l7_stickiness_default = minutes(20);
  p.stickiness_algorithms = StickinessAlgorithms::round_robin_only;  // STK-20
  p.check_settings_first = true;                                     // DIAG-04
  p.stickiness_duration_with_any_algorithm = false;                  // STK-14
  p.http_health_success_codes = {200, 202, 401};                     // HC-31
  p.zero_weight_health = ZeroWeightHealth::undefined;                // SCH-10
  p.health_check_protocol_fixed = true;                              // HC-01
  p.tcp_idle_timeout_default = seconds(300);                         // TO-01
  p.tcp_idle_timeout_range = std::nullopt;                           // TO-02, CON-08
  p.udp_idle_timeout_configurable = false;
  p.l4_transfer_rules = RuleEnforcement::enforced;                 // CON-11
  p.most_access_entries = 300;                                     // LIM-03
  p.sni_wildcard_rule = SniWildcardRule::exact;                    // TLS-20
  p.upstream_connect_time = UpstreamTimeMeaning::header_received;  // CON-06
  p.active_connections = ActiveConnectionSide::server_side;        // CON-07
  return p;
}

Profile shared() {
  Profile p = shared_2020();
  p.name = "shared";
  p.check_settings_first = false;                                         // DIAG-04
  p.stickiness_algorithms = StickinessAlgorithms::round_robin_and_least;  // STK-21
  p.stickiness_duration_with_any_algorithm = true;
  p.zero_weight_health = ZeroWeightHealth::unhealthy;                      // SCH-11
  p.health_check_protocol_fixed = false;                                   // HC-25, CON-40
  p.tcp_idle_timeout_range = Range<Duration>{seconds(10), seconds(4000)};  // TO-04
  p.l4_transfer_rules = RuleEnforcement::bypassed;                         // CON-11
  p.blacklist = true;                                                      // ACL-04
  p.most_access_entries = std::nullopt;                                    // ACL-06 is of 2020
  p.deregistration_delay = true;                                           // LIFE-12
  p.sni_wildcard_rule = SniWildcardRule::longest_suffix;                   // TLS-21
  p.upstream_connect_time = UpstreamTimeMeaning::connection_setup;         // CON-06
  p.active_connections = ActiveConnectionSide::client_side;                // CON-07
  return p;
}

Profile dedicated() {
  Profile p = shared();
  p.name = "dedicated";
  p.source_pool = std::nullopt;         // FWD-06: the backend subnet
  p.transfer_client_ip_default = true;  // SRC-03
  p.transfer_client_ip_configurable = false;
  p.stickiness_algorithms = StickinessAlgorithms::round_robin_least_and_quic;  // STK-22
  p.http_health_success_codes = {200};                                         // HC-32
  p.zero_weight_health = ZeroWeightHealth::probed;                             // SCH-12
  p.one_probe_address_per_zone = true;                                         // ADR-04
  p.udp_idle_timeout_configurable = true;                                      // TO-05
  p.https_backend = true;                                                      // PRT-10
  p.grpc_backend = true;
  p.quic_backend = true;
  p.may_be_frozen = true;                             // LIFE-27
  p.port_range_listener = true;                       // behaviour.md 0.3
  p.ip_as_backend = true;                             // IPB-01
  p.ipv6 = true;                                      // FWD-19
  p.sni_wildcard_rule = SniWildcardRule::same_level;  // TLS-22
  return p;
}

}  // namespace

const std::array<Profile, 3>& profiles() {
  static const std::array<Profile, 3> table{shared_2020(), shared(), dedicated()};
  return table;
}

const Profile* find_profile(std::string_view name) {
  for (const Profile& profile : profiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

}  // namespace elblab::config
