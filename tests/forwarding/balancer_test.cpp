#include "models/forwarding/balancer.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::seconds;
using telemetry::Reason;

namespace {

constexpr network::PortIndex kClientPort = 1;
constexpr network::PortIndex kServerPort = 2;

std::vector<network::Route> routes() {
  return {{*net::Subnet::parse("203.0.113.0/24"), kClientPort},
          {*net::Subnet::parse("2001:db8::/48"), kClientPort},
          {*net::Subnet::parse("10.0.2.0/24"), kServerPort},
          {*net::Subnet::parse("2001:db8:b::/64"), kServerPort}};
}

struct World {
  explicit World(config::LoadBalancer balancer, unsigned nodes = 4) {
    balancer.nodes.lvs = nodes;
    balancer.source_pool.addresses = nodes;
    std::vector<telemetry::ObjectId> objects;
    for (unsigned i = 0; i < nodes; ++i) objects.push_back(100 + i);
    routed.emplace(balancer, objects, routes(), 7, notebook);
  }
  // What came out, and through which port; empty when nothing did.
  std::pair<Bytes, network::PortIndex> pass(Bytes packet, Instant now = kStart) {
    routed->receive(packet, now, basket);
    if (basket.packets.empty()) return {};
    const network::PortIndex port = basket.ports.at(0);
    return {basket.only(), port};
  }

  Notebook notebook;
  Basket basket;
  std::optional<RoutedBalancer> routed;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(balancer)

BOOST_AUTO_TEST_CASE(leads_both_directions_of_a_flow_to_one_node) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    World world(balancer);
    std::map<telemetry::ObjectId, int> sessions_of_node;
    for (std::uint16_t port = 1000; port < 1400; ++port) {
      const net::Endpoint here = at(kClient, port);
      const auto [request, to] = world.pass(udp(here, at(kVirtual, 53), 20));
      BOOST_REQUIRE(!request.empty());
      BOOST_REQUIRE_EQUAL(to, kServerPort);
      ++sessions_of_node[world.notebook.events.back().object];
      const Parsed seen(request);
      const auto [answer, back] = world.pass(udp(seen.flow.destination, seen.flow.source, 30));
      BOOST_REQUIRE(!answer.empty());
      BOOST_REQUIRE_EQUAL(back, kClientPort);
      BOOST_REQUIRE(
          (Parsed(answer).flow == net::FlowKey{at(kVirtual, 53), here, net::Protocol::udp}));
    }
    // 400 flows over 4 nodes: a node with under 60 is 4.6 standard deviations off.
    BOOST_TEST(sessions_of_node.size() == 4u);
    for (const auto& [node, sessions] : sessions_of_node) BOOST_TEST(sessions > 60);
    BOOST_TEST(world.routed->balancer.gauges().udp == 400u);
    BOOST_TEST(world.routed->counters().conserved());
    BOOST_TEST(world.routed->counters().sessions_opened == 400u);
  }
}

BOOST_AUTO_TEST_CASE(lets_a_client_reach_a_server_directly) {  // DIAG-02, DIAG-07
  World world(kept_address_balancer());
  const auto [request, to] = world.pass(tcp(at(kClient, 9), at("10.0.2.1", 90), {flag::syn}));
  BOOST_TEST(to == kServerPort);
  const Parsed syn(request);
  BOOST_TEST(syn.sound);
  BOOST_TEST((syn.flow.source == at(kClient, 9)));
  BOOST_TEST(syn.view.time_to_live() == 63);
  const auto [answer, back] = world.pass(tcp(at("10.0.2.1", 90), at(kClient, 9), {flag::syn_ack}));
  BOOST_TEST(back == kClientPort);
  BOOST_TEST((Parsed(answer).flow.source == at("10.0.2.1", 90)));
  BOOST_TEST(world.routed->counters().sessions_opened == 0u);
  BOOST_TEST(world.routed->counters().packets_forwarded == 2u);
  BOOST_TEST(world.routed->counters().conserved());
}

BOOST_AUTO_TEST_CASE(leads_errors_to_the_node_that_holds_the_flow_they_are_about) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    World world(balancer);
    for (std::uint16_t port = 1; port <= 40; ++port) {
      const Parsed seen(world.pass(udp(at(kClient, port), at(kVirtual, 53), 20)).first);
      const auto [error, to] = world.pass(
          icmp(seen.flow.destination.address, seen.flow.source.address, 3, 3, 0, seen.bytes));
      BOOST_REQUIRE(!error.empty());
      BOOST_TEST(to == kClientPort);
      const Parsed answer(world.pass(udp(seen.flow.destination, seen.flow.source, 30)).first);
      BOOST_TEST(world.pass(icmp(ip(kClient), ip(kVirtual), 3, 3, 0, answer.bytes)).second ==
                 kServerPort);
    }
    BOOST_TEST(world.routed->counters().dropped_total() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(tells_what_a_flow_was_translated_to) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    World world(balancer);
    const net::FlowKey client{at(kClient, 7), at(kVirtual, 53), net::Protocol::udp};
    BOOST_TEST(!world.routed->balancer.server_flow(client).has_value());
    const Parsed seen(world.pass(udp(client.source, client.destination, 20)).first);
    BOOST_REQUIRE(world.routed->balancer.server_flow(client).has_value());
    BOOST_TEST((*world.routed->balancer.server_flow(client) == seen.flow));
    BOOST_TEST(world.routed->balancer.holds_answer(seen.flow.reversed()));
    net::FlowKey other = seen.flow.reversed();
    other.destination.port ^= 1;
    BOOST_TEST(!world.routed->balancer.holds_answer(other));
    BOOST_TEST(!world.routed->balancer.server_flow(seen.flow).has_value());  // not a client's flow
  }
}

BOOST_AUTO_TEST_CASE(answers_echo_once_for_all_nodes) {
  World world(kept_address_balancer());
  const auto [reply, port] = world.pass(icmp(ip(kClient), ip(kVirtual), 8, 0, 5, {1}));
  BOOST_TEST(port == kClientPort);
  BOOST_TEST(Parsed(reply).sound);
  BOOST_TEST(world.routed->counters().packets_made == 1u);
}

BOOST_AUTO_TEST_CASE(drops_what_it_has_no_route_for) {
  World world(kept_address_balancer());
  BOOST_TEST(world.pass(udp(at(kClient, 1), at("192.0.2.1", 5), 3)).first.empty());
  // A node passes this one on, and then there is no way to its server's answer.
  const Parsed seen(world.pass(udp(at("192.0.2.9", 1), at(kVirtual, 53), 3)).first);
  BOOST_TEST(world.pass(udp(seen.flow.destination, seen.flow.source, 3)).first.empty());
  const ForwarderCounters counters = world.routed->counters();
  BOOST_TEST(counters.dropped[static_cast<std::size_t>(Reason::no_route)] == 2u);
  BOOST_TEST(counters.packets_in == 3u);
  BOOST_TEST(counters.packets_forwarded == 1u);
  BOOST_TEST(counters.conserved());
  BOOST_TEST(world.notebook.count(telemetry::EventKind::packet_dropped) == 2u);
}

BOOST_AUTO_TEST_CASE(drops_bytes_that_are_no_packet) {
  World world(kept_address_balancer());
  BOOST_TEST(world.pass({0x45, 1, 2}).first.empty());
  BOOST_TEST(world.pass({}).first.empty());
  BOOST_TEST(world.routed->counters().dropped[static_cast<std::size_t>(Reason::malformed)] == 2u);
  BOOST_TEST(world.routed->counters().conserved());
}

BOOST_AUTO_TEST_CASE(runs_the_timers_of_all_nodes) {
  World world(kept_address_balancer());
  for (std::uint16_t port = 1; port <= 40; ++port) {
    world.pass(udp(at(kClient, port), at(kVirtual, 53), 3), after(seconds(port)));
  }
  BOOST_TEST((world.routed->fabric.next_deadline() <= after(seconds(301))));
  world.routed->fabric.advance(after(seconds(320)), world.basket);
  BOOST_TEST(world.routed->balancer.gauges().udp == 20u);
  world.routed->fabric.advance(after(seconds(400)), world.basket);
  BOOST_TEST(world.routed->balancer.gauges().all() == 0u);
  BOOST_TEST((world.routed->fabric.next_deadline() == kNever));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
