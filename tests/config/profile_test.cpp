// The tables against behaviour.md 0.3 and 0.4, written out a second time.
#include "models/config/profile.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::config {

using std::chrono::minutes;
using std::chrono::seconds;

BOOST_AUTO_TEST_SUITE(profile)

BOOST_AUTO_TEST_CASE(finds_the_three_by_name_and_nothing_else) {
  for (const char* name : {"shared-2020", "shared", "dedicated"}) {
    BOOST_REQUIRE(find_profile(name) != nullptr);
    BOOST_TEST(find_profile(name)->name == name);
  }
  BOOST_TEST(find_profile("Dedicated") == nullptr);
  BOOST_TEST(find_profile("") == nullptr);
}

BOOST_AUTO_TEST_CASE(shared_2020_follows_its_column) {
  const Profile& p = *find_profile("shared-2020");
  BOOST_REQUIRE(p.source_pool.has_value());
  BOOST_TEST(p.source_pool->to_string() == "100.125.0.0/16");
  BOOST_TEST(!p.transfer_client_ip_default);
  BOOST_TEST(p.transfer_client_ip_configurable);
  BOOST_TEST((p.l4_stickiness_default == minutes(20)));
  BOOST_TEST((p.l7_stickiness_default == minutes(20)));
  BOOST_TEST((p.stickiness_algorithms == StickinessAlgorithms::round_robin_only));
  BOOST_TEST((p.http_health_success_codes == std::vector<int>{200, 202, 401}));
  BOOST_TEST((p.zero_weight_health == ZeroWeightHealth::undefined));
  BOOST_TEST(p.health_check_protocol_fixed);
  BOOST_TEST(!p.one_probe_address_per_zone);
  BOOST_TEST((p.tcp_idle_timeout_default == seconds(300)));
  BOOST_TEST(!p.tcp_idle_timeout_range.has_value());
  BOOST_TEST((p.l4_transfer_rules == RuleEnforcement::enforced));
  BOOST_TEST((p.sni_wildcard_rule == SniWildcardRule::exact));
  BOOST_TEST((p.upstream_connect_time == UpstreamTimeMeaning::header_received));
  BOOST_TEST((p.active_connections == ActiveConnectionSide::server_side));
  BOOST_TEST(!(p.https_backend || p.grpc_backend || p.quic_backend || p.port_range_listener ||
               p.ip_as_backend || p.ipv6 || p.blacklist || p.deregistration_delay ||
               p.udp_idle_timeout_configurable));
}

BOOST_AUTO_TEST_CASE(shared_follows_its_column) {
  const Profile& p = *find_profile("shared");
  BOOST_TEST(p.source_pool->to_string() == "100.125.0.0/16");
  BOOST_TEST(!p.transfer_client_ip_default);
  BOOST_TEST(p.transfer_client_ip_configurable);
  BOOST_TEST((p.stickiness_algorithms == StickinessAlgorithms::round_robin_and_least));
  BOOST_TEST((p.http_health_success_codes == std::vector<int>{200, 202, 401}));
  BOOST_TEST((p.zero_weight_health == ZeroWeightHealth::unhealthy));
  BOOST_TEST(!p.health_check_protocol_fixed);
  BOOST_TEST(!p.one_probe_address_per_zone);
  BOOST_TEST((p.tcp_idle_timeout_range->low == seconds(10)));
  BOOST_TEST((p.tcp_idle_timeout_range->high == seconds(4000)));
  BOOST_TEST(!p.udp_idle_timeout_configurable);
  BOOST_TEST((p.l4_transfer_rules == RuleEnforcement::bypassed));
  BOOST_TEST((p.sni_wildcard_rule == SniWildcardRule::longest_suffix));
  BOOST_TEST((p.upstream_connect_time == UpstreamTimeMeaning::connection_setup));
  BOOST_TEST((p.active_connections == ActiveConnectionSide::client_side));
  BOOST_TEST(p.blacklist);
  BOOST_TEST(p.deregistration_delay);
  BOOST_TEST(!(p.https_backend || p.grpc_backend || p.quic_backend || p.port_range_listener ||
               p.ip_as_backend || p.ipv6));
}

BOOST_AUTO_TEST_CASE(dedicated_follows_its_column) {
  const Profile& p = *find_profile("dedicated");
  BOOST_TEST(!p.source_pool.has_value());
  BOOST_TEST(p.transfer_client_ip_default);
  BOOST_TEST(!p.transfer_client_ip_configurable);
  BOOST_TEST((p.stickiness_algorithms == StickinessAlgorithms::round_robin_least_and_quic));
  BOOST_TEST((p.http_health_success_codes == std::vector<int>{200}));
  BOOST_TEST((p.zero_weight_health == ZeroWeightHealth::probed));
  BOOST_TEST(!p.health_check_protocol_fixed);
  BOOST_TEST(p.one_probe_address_per_zone);
  BOOST_TEST((p.tcp_idle_timeout_range->high == seconds(4000)));
  BOOST_TEST((p.sni_wildcard_rule == SniWildcardRule::same_level));
  BOOST_TEST((p.https_backend && p.grpc_backend && p.quic_backend && p.port_range_listener &&
              p.ip_as_backend && p.ipv6 && p.blacklist && p.deregistration_delay &&
              p.udp_idle_timeout_configurable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config
