// A NAT box between clients and balancers on one Fabric: whose packet is whose, and what the box
// does to five-tuples (FTC-S19).
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/middlebox/nat_scene.hpp"

namespace elblab::middlebox {

using telemetry::Reason;

namespace {

const net::Endpoint kServer = at("10.0.2.1", 90);
const net::Endpoint kFirst = at("198.51.100.10", 80);
const net::Endpoint kSecond = at("198.51.100.11", 80);
constexpr network::PortIndex kInsidePort = 1;
constexpr network::PortIndex kServerPort = 2;
constexpr network::PortIndex kOutsidePort = 3;

// Two balancers that keep the client's address, over one server port.
config::LoadBalancer balancer_at(const net::Endpoint& listener) {
  config::LoadBalancer balancer = forwarding::kept_address_balancer();
  balancer.address = listener.address;
  balancer.address_v6.reset();
  balancer.groups[0].servers.resize(1);
  return balancer;
}

class Network {
 public:
  explicit Network(const config::Nat& nat, bool nat_first = true)
      : box(nat, random::Stream(1, "nat"), 7, notebook),
        first(balancer_at(kFirst), {1}, 1, notebook),
        second(balancer_at(kSecond), {2}, 2, notebook),
        fabric({{*net::Subnet::parse("10.1.0.0/24"), kInsidePort},
                {*net::Subnet::parse("10.0.2.0/24"), kServerPort},
                {*net::Subnet::parse("203.0.113.0/24"), kOutsidePort}},
               3, notebook) {
    if (nat_first) fabric.attach(box, 7);
    fabric.attach(first, 1);
    fabric.attach(second, 2);
    if (!nat_first) fabric.attach(box, 7);
  }
  // What comes out of the fabric for a packet, and where; nullopt: nothing.
  std::optional<net::FlowKey> pass(Bytes packet) {
    basket.packets.clear();
    basket.ports.clear();
    now += std::chrono::milliseconds(1);
    fabric.receive(0, packet, now, basket);
    BOOST_REQUIRE(fabric.counters().conserved() && box.counts().conserved);
    if (basket.packets.empty()) return std::nullopt;
    port = basket.ports.at(0);
    const Parsed out(basket.only());
    BOOST_REQUIRE(out.sound);
    return out.flow;
  }
  std::uint64_t dropped(Reason reason) const {
    return fabric.counters().dropped[static_cast<std::size_t>(reason)];
  }

  Instant now = kStart;
  Notebook notebook;
  Basket basket;
  NetworkAddressTranslator box;
  forwarding::Balancer first;
  forwarding::Balancer second;
  network::Fabric fabric;
  network::PortIndex port = 0;
};

config::Nat nat_with(config::NatMapping mapping) {
  config::Nat nat = small_nat();
  nat.mapping = mapping;
  return nat;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nat_on_a_fabric)

BOOST_AUTO_TEST_CASE(a_client_behind_the_box_talks_to_a_balancers_server_and_back) {
  for (const bool nat_first : {false, true}) {
    Network network(nat_with(config::NatMapping::endpoint_independent), nat_first);
    const net::Endpoint outer = at(kOuter, 1024);
    BOOST_TEST((network.pass(tcp(kAlice, kFirst, {flag::syn, 7})) == over_tcp(outer, kServer)));
    BOOST_TEST(network.port == kServerPort);
    BOOST_TEST(
        (network.pass(tcp(kServer, outer, {flag::syn_ack, 9, 8})) == over_tcp(kFirst, kAlice)));
    BOOST_TEST(network.port == kInsidePort);
    BOOST_TEST((network.pass(tcp(kAlice, kFirst, {flag::ack, 8, 10})) == over_tcp(outer, kServer)));
    BOOST_TEST(network.first.gauges().established == 1u);
    BOOST_TEST(network.fabric.counters().to_nodes == 6u);
    BOOST_TEST(network.fabric.counters().disputed == 0u);
    BOOST_TEST((network.box.outer_flow(over_tcp(kAlice, kFirst)) == over_tcp(outer, kFirst)));
  }
}

BOOST_AUTO_TEST_CASE(a_client_behind_the_box_talks_to_a_server_directly) {
  Network network(nat_with(config::NatMapping::endpoint_independent));
  BOOST_TEST(
      (network.pass(tcp(kAlice, kServer, {flag::syn, 7})) == over_tcp(at(kOuter, 1024), kServer)));
  // A server's endpoint, but no balancer holds a flow that this answers.
  BOOST_TEST((network.pass(tcp(kServer, at(kOuter, 1024), {flag::syn_ack, 9, 8})) ==
              over_tcp(kServer, kAlice)));
}

BOOST_AUTO_TEST_CASE(nobody_outside_reaches_those_behind_it_past_the_box) {
  Network network(nat_with(config::NatMapping::endpoint_independent));
  BOOST_TEST(!network.pass(udp(kWeb, kAlice, 5)).has_value());
  BOOST_TEST(!network.pass(tcp(kServer, kAlice, {flag::ack, 5})).has_value());
  BOOST_TEST(network.box.counters().dropped[static_cast<std::size_t>(Reason::no_route)] == 2u);
  BOOST_TEST((network.pass(udp(kAlice, kBob, 5)) == over_udp(kAlice, kBob)));
  BOOST_TEST(network.box.counters().packets_in == 2u);
}

// Two clients, two balancers, one server: with one outer port for both, the server sees one tuple
// twice, though no client has used a port twice (cf. RFC 7857 §3).
BOOST_AUTO_TEST_CASE(a_port_used_for_two_destinations_becomes_a_five_tuple_conflict) {
  struct Row {
    config::NatMapping mapping;
    net::Endpoint other;  // who talks to the second balancer
    bool conflict;
  };
  const Row rows[] = {
      {config::NatMapping::per_destination, kBob, true},
      {config::NatMapping::per_destination, {kAlice.address, 5001}, true},
      {config::NatMapping::endpoint_independent, kBob, false},
      {config::NatMapping::endpoint_independent, {kAlice.address, 5001}, false},
      // A client's port used twice stays one outer port (FTC-06).
      {config::NatMapping::endpoint_independent, kAlice, true},
      {config::NatMapping::per_destination, kAlice, true},
  };
  for (const Row& row : rows) {
    Network network(nat_with(row.mapping));
    const net::FlowKey one = network.pass(tcp(kAlice, kFirst, {flag::syn, 7})).value();
    const net::FlowKey two = network.pass(tcp(row.other, kSecond, {flag::syn, 77})).value();
    BOOST_TEST((one == two) == row.conflict);
    const auto answer = network.pass(tcp(two.destination, two.source, {flag::syn_ack, 9, 78}));
    BOOST_TEST(network.fabric.counters().disputed == (row.conflict ? 1u : 0u));
    BOOST_TEST((answer == over_tcp(kSecond, row.other)));  // the newest flow's (ReturnPath)
  }
}

// A Fabric elsewhere knows whose a packet is, and passes it on to where the box stands.
BOOST_AUTO_TEST_CASE(a_box_in_another_place_gets_its_packets_from_there) {
  constexpr network::PortIndex kLink = 9;
  Notebook notebook;
  NetworkAddressTranslator box(small_nat(), random::Stream(1, "nat"), 7, notebook, 1);
  network::Fabric home({{*net::Subnet::parse("10.1.0.0/24"), kInsidePort},
                        {*net::Subnet::parse("0.0.0.0/0"), kLink}},
                       3, notebook);
  home.set_place(1, {kLink, 0});
  home.attach(box, 7);
  network::Fabric elsewhere({}, 4, notebook);
  elsewhere.set_place(0, {0, kLink});
  elsewhere.attach(box, 7, false);
  Basket out;
  Bytes sent = udp(kAlice, kWeb, 5);
  home.receive(kInsidePort, sent, kStart, out);
  BOOST_TEST((out.ports == std::vector<network::PortIndex>{kLink}));
  const net::FlowKey seen = Parsed(out.only()).flow;
  BOOST_TEST((seen == over_udp(at(kOuter, 1024), kWeb)));
  Bytes answer = udp(kWeb, seen.source, 5);
  elsewhere.receive(kOutsidePort, answer, kStart, out);
  BOOST_TEST((out.ports == std::vector<network::PortIndex>{kLink}));
  Bytes passed_on = out.only();
  BOOST_TEST((Parsed(passed_on).flow == seen.reversed()));
  home.receive(kLink, passed_on, kStart, out);
  BOOST_TEST((out.ports == std::vector<network::PortIndex>{kInsidePort}));
  BOOST_TEST((Parsed(out.only()).flow == over_udp(kWeb, kAlice)));
  BOOST_TEST((home.next_deadline() < kNever));
  BOOST_TEST((elsewhere.next_deadline() == kNever));
}

// What is looked up ahead must not depend on what the packets before it do.
BOOST_AUTO_TEST_CASE(a_batch_does_what_its_packets_do_one_by_one) {
  for (const auto mapping :
       {config::NatMapping::endpoint_independent, config::NatMapping::per_destination}) {
    Network single(nat_with(mapping));
    Network batched(nat_with(mapping));
    random::Stream random(3, "packets");
    for (int round = 0; round < 200; ++round) {
      std::vector<Bytes> packets;
      for (int i = 0; i < 40; ++i) {
        const net::Endpoint host{
            net::IpAddress::v4(0x0A010001 + static_cast<std::uint32_t>(random.below(3))),
            static_cast<std::uint16_t>(5000 + random.below(3))};
        const net::Endpoint outer = at(kOuter, static_cast<std::uint16_t>(1024 + random.below(8)));
        const net::Endpoint listener = random.chance(0.5) ? kFirst : kSecond;
        const std::uint8_t flags[] = {flag::syn, flag::ack, flag::syn_ack, flag::fin, flag::rst};
        const forwarding::Segment segment{flags[random.below(5)], 1, 1};
        switch (random.below(4)) {
          case 0:
            packets.push_back(tcp(host, listener, {flag::syn, 1}));
            break;
          case 1:
            packets.push_back(tcp(host, listener, segment));
            break;
          case 2:
            packets.push_back(tcp(kServer, outer, segment));
            break;
          default:
            packets.push_back(tcp(kServer, random.chance(0.5) ? outer : host, segment));
        }
      }
      Basket one;
      for (Bytes packet : packets) single.fabric.receive(0, packet, kStart, one);
      Basket together;
      const std::vector<std::span<std::uint8_t>> spans(packets.begin(), packets.end());
      batched.fabric.receive_batch(0, spans, kStart, together);
      BOOST_REQUIRE(one.packets == together.packets);
      BOOST_REQUIRE(one.ports == together.ports);
    }
    BOOST_TEST(single.box.counters().packets_sent > 500u);
    BOOST_TEST(single.fabric.counters().disputed > 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::middlebox
