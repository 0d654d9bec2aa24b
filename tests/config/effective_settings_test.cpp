#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/config/sample_balancer.hpp"

namespace elblab::config {

using std::chrono::seconds;

BOOST_AUTO_TEST_SUITE(effective_settings)

BOOST_AUTO_TEST_CASE(transfer_of_the_client_address_follows_profile_listener_and_ip_as_backend) {
  struct Row {
    const char* profile;
    std::optional<bool> listener;
    bool ip_as_backend;
    bool transfers;
  };
  const Row rows[] = {
      {"shared-2020", std::nullopt, false, false},
      {"shared-2020", true, false, true},
      {"shared", std::nullopt, false, false},
      {"shared", true, false, true},
      {"shared", false, false, false},
      {"dedicated", std::nullopt, false, true},
      {"dedicated", false, false, true},         // SRC-03: cannot be switched off
      {"dedicated", std::nullopt, true, false},  // FWD-11
      {"dedicated", true, true, false},
  };
  for (const Row& row : rows) {
    LoadBalancer balancer = sample_balancer(row.profile);
    balancer.ip_as_backend = row.ip_as_backend;
    balancer.listeners[0].transfer_client_ip = row.listener;
    BOOST_TEST(transfers_client_ip(balancer, balancer.listeners[0]) == row.transfers);
  }
}

BOOST_AUTO_TEST_CASE(idle_timeout_is_the_listeners_own_or_the_default_of_its_protocol) {
  LoadBalancer balancer = sample_balancer("dedicated");
  add_udp(balancer);
  balancer.udp_idle_timeout = seconds(77);
  BOOST_TEST((effective_idle_timeout(balancer, balancer.listeners[0]) == seconds(300)));
  BOOST_TEST((effective_idle_timeout(balancer, balancer.listeners[1]) == seconds(77)));
  balancer.listeners[0].idle_timeout = seconds(20);
  balancer.listeners[1].idle_timeout = seconds(30);
  BOOST_TEST((effective_idle_timeout(balancer, balancer.listeners[0]) == seconds(20)));
  BOOST_TEST((effective_idle_timeout(balancer, balancer.listeners[1]) == seconds(30)));
}

BOOST_AUTO_TEST_CASE(source_addresses_come_from_the_upper_end_of_the_profiles_block) {
  LoadBalancer balancer = sample_balancer("dedicated");
  const auto own = source_addresses(balancer);
  BOOST_REQUIRE_EQUAL(own.size(), 4u);
  BOOST_TEST(own[0].to_string() == "10.0.1.254");
  BOOST_TEST(own[3].to_string() == "10.0.1.251");
  const auto shared = source_addresses(sample_balancer("shared"));
  BOOST_TEST(shared[0].to_string() == "100.125.255.254");
  balancer.backend_subnet = *net::Subnet::parse("2001:db8:1::/64");
  for (const auto& address : source_addresses(balancer)) {
    BOOST_TEST(balancer.backend_subnet.contains(address));
  }
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/29");  // 8 - network, gateway, broadcast
  balancer.source_pool.addresses = 100;
  BOOST_TEST(source_addresses(balancer).size() == 5u);
  balancer.backend_subnet = net::Subnet();
  BOOST_TEST(source_addresses(balancer).empty());
}

BOOST_AUTO_TEST_CASE(nodes_share_the_source_addresses_evenly_and_without_overlap) {
  LoadBalancer balancer = sample_balancer("shared");
  balancer.nodes.lvs = 3;
  balancer.source_pool.addresses = 12;
  std::vector<net::IpAddress> together;
  for (unsigned node = 0; node < 3; ++node) {
    const auto part = source_addresses_of_node(balancer, node);
    BOOST_TEST(part.size() == 4u);
    together.insert(together.end(), part.begin(), part.end());
  }
  BOOST_TEST((together == source_addresses(balancer)));
  BOOST_TEST(source_addresses_of_node(balancer, 3).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config
