// Source ports of fullNAT: the ceiling of BW-09 and BW-10, and when a port comes back.
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::seconds;
using telemetry::Reason;

namespace {

config::LoadBalancer small_pool(unsigned addresses, std::uint16_t ports, std::size_t servers) {
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.source_pool = {addresses, {10000, static_cast<std::uint16_t>(10000 + ports - 1)}};
  auto& list = balancer.groups[0].servers;
  list.clear();
  for (std::size_t i = 0; i < servers; ++i) {
    list.push_back({"b" + std::to_string(i),
                    net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(i + 1)), 90, 1, false});
  }
  return balancer;
}

net::Endpoint client(int n) {
  return {net::IpAddress::v4(0xCB007100u + static_cast<std::uint32_t>(n / 1000)),
          static_cast<std::uint16_t>(1000 + n % 1000)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(source_pools)

BOOST_AUTO_TEST_CASE(are_exhausted_at_addresses_times_ports_times_servers_exactly) {  // BW-10
  struct Row {
    unsigned addresses;
    std::uint16_t ports;
    std::size_t servers;
  };
  for (const Row& row : {Row{1, 7, 1}, Row{4, 50, 3}, Row{2, 100, 5}}) {
    Scene scene(small_pool(row.addresses, row.ports, row.servers));
    const std::size_t ceiling = row.addresses * row.ports * row.servers;
    std::set<std::string> tuples;
    std::size_t made = 0;
    for (std::size_t n = 0; n < ceiling + 25; ++n) {
      const Bytes out = scene.pass(tcp(client(static_cast<int>(n)), at(kVirtual, 80), {flag::syn}));
      if (out.empty()) continue;
      ++made;
      const Parsed parsed(out);
      BOOST_REQUIRE(parsed.sound);
      BOOST_REQUIRE_MESSAGE(tuples.insert(parsed.flow.to_string()).second, "a tuple given twice");
    }
    BOOST_TEST(made == ceiling);
    BOOST_TEST(scene.dropped(Reason::no_source_port) == 25u);
    BOOST_TEST(scene.node.gauges().source_ports_in_use == ceiling);
    // Also those towards the two servers of the scene's UDP listener, which nobody asked for.
    BOOST_TEST(scene.node.gauges().source_ports == ceiling + 2 * row.addresses * row.ports);
    BOOST_TEST(scene.counters().conserved());
  }
}

BOOST_AUTO_TEST_CASE(are_shared_by_groups_that_name_the_same_server_and_not_by_protocols) {
  config::LoadBalancer balancer = small_pool(1, 10, 1);
  balancer.groups[1].servers = balancer.groups[0].servers;  // UDP, the same endpoint
  balancer.groups.push_back(balancer.groups[0]);
  balancer.groups.back().name = "again";
  config::Listener listener = balancer.listeners[0];
  listener.name = "second";
  listener.port = {81, 81};
  listener.group = "again";
  balancer.listeners.push_back(listener);
  Scene scene(balancer);
  int tcp_made = 0;
  int udp_made = 0;
  for (int n = 0; n < 12; ++n) {
    tcp_made += !scene.pass(tcp(client(n), at(kVirtual, 80), {flag::syn})).empty();
    tcp_made += !scene.pass(tcp(client(n), at(kVirtual, 81), {flag::syn})).empty();
    udp_made += !scene.pass(udp(client(n), at(kVirtual, 53), 3)).empty();
  }
  BOOST_TEST(tcp_made == 10);
  BOOST_TEST(udp_made == 10);
}

BOOST_AUTO_TEST_CASE(take_a_port_back_only_after_its_binding_is_removed) {  // TW-12
  Scene scene(small_pool(1, 1, 1));
  const net::FlowKey seen = scene.connect(client(1), at(kVirtual, 80));
  scene.pass(tcp(client(1), at(kVirtual, 80), {flag::rst, kClientNext}));
  BOOST_TEST(scene.pass(tcp(client(2), at(kVirtual, 80), {flag::syn})).empty());
  scene.run_to(after(seconds(2)));
  BOOST_TEST(scene.node.gauges().source_ports_in_use == 0u);
  const Parsed next(scene.pass(tcp(client(2), at(kVirtual, 80), {flag::syn}), after(seconds(2))));
  BOOST_TEST((next.flow == seen));
}

BOOST_AUTO_TEST_CASE(of_nodes_of_a_cluster_do_not_overlap) {  // ADR-03
  config::LoadBalancer balancer = small_pool(4, 10, 2);
  balancer.nodes.lvs = 2;
  std::set<std::string> seen;
  for (unsigned node = 0; node < 2; ++node) {
    for (const auto& address : config::source_addresses_of_node(balancer, node)) {
      BOOST_TEST(seen.insert(address.to_string()).second);
    }
  }
  BOOST_TEST(seen.size() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
