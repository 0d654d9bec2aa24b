// The three profiles of the service as tables of knobs (behaviour.md 0.4).
//
// A profile only chooses defaults: code reads knobs, never a profile's name.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::config {

enum class ZeroWeightHealth : std::uint8_t { undefined, unhealthy, probed };  // SCH-10..12, CON-09
enum class RuleEnforcement : std::uint8_t { enforced, bypassed };             // ACL-30..34, CON-11
enum class SniWildcardRule : std::uint8_t { exact, longest_suffix, same_level };  // TLS-20..23
enum class UpstreamTimeMeaning : std::uint8_t {
  header_received,
  connection_setup
};  // LOG-16, CON-06
enum class ActiveConnectionSide : std::uint8_t {
  server_side,
  client_side
};  // MET-02, MET-30, CON-07
enum class StickinessAlgorithms : std::uint8_t {
  round_robin_only,            // STK-20
  round_robin_and_least,       // STK-21
  round_robin_least_and_quic,  // STK-22
};

template <typename T>
struct Range {
  T low;
  T high;
  bool contains(const T& v) const { return v >= low && v <= high; }
};

struct Profile {
  std::string_view name;  // "shared-2020", "shared", "dedicated"

  // Source pool for forwarding and probes. nullopt: the balancer's backend subnet (FWD-05, FWD-06,
  // HC-20).
  std::optional<net::Subnet> source_pool;
  bool transfer_client_ip_default = false;  // SRC-02..04
  bool transfer_client_ip_configurable = false;
  std::chrono::minutes l4_stickiness_default{};  // STK-10..13, CON-01
  std::chrono::minutes l7_stickiness_default{};
  StickinessAlgorithms stickiness_algorithms{};        // STK-20..22, CON-03
  bool stickiness_duration_with_any_algorithm = true;  // false: with round robin only (STK-14)
  std::vector<int> http_health_success_codes;          // HC-30..33, CON-05
  ZeroWeightHealth zero_weight_health{};
  bool health_check_protocol_fixed = false;  // once chosen (HC-01; not HC-25, CON-40)
  bool one_probe_address_per_zone = false;   // ADR-04, HC-53; else each node has its own
  // What an operator looks at first when a server is unhealthy (DIAG-04): the settings of the
  // check, else security groups and network ACLs.
  bool check_settings_first = false;
  Duration tcp_idle_timeout_default{};                    // TO-01..05, CON-08
  std::optional<Range<Duration>> tcp_idle_timeout_range;  // nullopt: fixed
  bool udp_idle_timeout_configurable = false;             // TO-05
  RuleEnforcement l4_transfer_rules{};
  bool https_backend = false;  // PRT-10..12
  bool grpc_backend = false;
  bool quic_backend = false;
  bool port_range_listener = false;                // behaviour.md 0.3
  bool ip_as_backend = false;                      // IPB-01
  bool ipv6 = false;                               // FWD-19, ACL-06
  bool blacklist = false;                          // ACL-04
  std::optional<std::size_t> most_access_entries;  // ACL-06; nullopt: no limit is known
  bool deregistration_delay = false;               // LIFE-12
  bool may_be_frozen = false;                      // LIFE-27
  // From an operator's change of a running balancer until its nodes act on it. "Within 5 s" for
  // weights; of other changes the sources say nothing: the same [M].
  Duration propagation_delay = std::chrono::seconds(5);  // LIFE-01
  // Of a listener's traffic, when its transfer of client addresses is switched: two intervals of 5
  // s between probes, whether there are probes or not.
  Duration transfer_switch_interruption = std::chrono::seconds(10);  // SRC-05, LIFE-29
  SniWildcardRule sni_wildcard_rule{};
  UpstreamTimeMeaning upstream_connect_time{};
  ActiveConnectionSide active_connections{};
};

// The three tables, in the order of behaviour.md 0.2.
const std::array<Profile, 3>& profiles();
// nullptr for an unknown name.
const Profile* find_profile(std::string_view name);

}  // namespace elblab::config
