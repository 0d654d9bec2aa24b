// Packets in batches against the same packets one by one: the same packets come out in the same
// order, and the same is counted and recorded.
#include <array>
#include <boost/test/unit_test.hpp>
#include <span>
#include <vector>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {
namespace {

const net::Endpoint kWeb{*net::IpAddress::parse(kVirtual), 80};

// Few clients, so that one batch opens, uses, resets and reopens the same flow; some packets are
// for nobody, expired, damaged or no packets at all.
Bytes random_packet(random::Stream& random) {
  const net::Endpoint client{
      net::IpAddress::v4(0xCB007100u + static_cast<std::uint32_t>(random.below(4))),
      static_cast<std::uint16_t>(1024 + random.below(10))};
  const net::Endpoint server{net::IpAddress::v4(10, 0, 2, 1),
                             static_cast<std::uint16_t>(random.chance(0.9) ? 90 : 91)};
  constexpr std::array<std::uint8_t, 5> kFlags{flag::syn, flag::ack, flag::fin, flag::rst,
                                               flag::syn_ack};
  Segment segment{kFlags[random.below(kFlags.size())], 1001, 5001, random.below(200)};
  if (random.chance(0.05)) segment.time_to_live = 1;
  const bool up = random.chance(0.7);
  Bytes packet = up ? tcp(client, kWeb, segment) : tcp(server, client, segment);
  if (random.chance(0.1)) packet = icmp(client.address, kWeb.address, 8, 0, 1, {1, 2, 3});
  if (random.chance(0.05)) packet.resize(random.below(packet.size()));
  if (random.chance(0.05) && !packet.empty()) packet[random.below(packet.size())] ^= 0x10;
  return packet;
}

void check_equal(const Scene& one_by_one, const Scene& batched) {
  BOOST_REQUIRE(batched.basket.packets == one_by_one.basket.packets);
  BOOST_REQUIRE_EQUAL(batched.notebook.events.size(), one_by_one.notebook.events.size());
  BOOST_REQUIRE_EQUAL(batched.notebook.connections.size(), one_by_one.notebook.connections.size());
  for (std::size_t i = 0; i < batched.notebook.events.size(); ++i) {
    const telemetry::Event& a = batched.notebook.events[i];
    const telemetry::Event& b = one_by_one.notebook.events[i];
    BOOST_REQUIRE(a.kind == b.kind && a.reason == b.reason && a.flow == b.flow && a.at == b.at);
  }
  BOOST_REQUIRE(batched.counters().dropped == one_by_one.counters().dropped);
  BOOST_REQUIRE_EQUAL(batched.counters().packets_in, one_by_one.counters().packets_in);
  BOOST_REQUIRE_EQUAL(batched.counters().bytes_in, one_by_one.counters().bytes_in);
  BOOST_REQUIRE_EQUAL(batched.node.gauges().all(), one_by_one.node.gauges().all());
  BOOST_REQUIRE(batched.counters().conserved());
}

void check_with(const config::LoadBalancer& balancer, std::uint64_t seed) {
  random::Stream random(seed, "batches");
  Scene one_by_one(balancer);
  Scene batched(balancer);
  for (int round = 0; round < 60; ++round) {
    const Instant now = kStart + std::chrono::milliseconds(round);
    std::vector<Bytes> packets(random.below(100));  // more than are looked up at a time, and none
    for (Bytes& packet : packets) packet = random_packet(random);
    for (Bytes packet : packets) one_by_one.node.receive(packet, now, one_by_one.basket);
    const std::vector<std::span<std::uint8_t>> ring(packets.begin(), packets.end());
    batched.node.receive_batch(ring, now, batched.basket);
    check_equal(one_by_one, batched);
  }
  BOOST_TEST(batched.counters().sessions_opened > 100u);  // it was real traffic
  BOOST_TEST(batched.counters().dropped_total() > 100u);
}

RoutedBalancer routed(const config::LoadBalancer& balancer, Notebook& notebook) {
  const std::vector<network::Route> routes{{*net::Subnet::parse("203.0.113.0/24"), 0},
                                           {*net::Subnet::parse("10.0.2.0/24"), 1}};
  return {balancer, {1, 2}, routes, 99, notebook};
}

void check_equal(const Notebook& a, const Notebook& b) {
  BOOST_REQUIRE_EQUAL(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    const telemetry::Event& x = a.events[i];
    const telemetry::Event& y = b.events[i];
    BOOST_REQUIRE(x.kind == y.kind && x.reason == y.reason && x.object == y.object &&
                  x.flow == y.flow && x.at == y.at);
  }
}

// As check_with, with two nodes and the routing between them.
void check_routed_with(const config::LoadBalancer& balancer, std::uint64_t seed) {
  random::Stream random(seed, "batches");
  Notebook notes_of_singles;
  Notebook notes_of_batches;
  RoutedBalancer singles = routed(balancer, notes_of_singles);
  RoutedBalancer batches = routed(balancer, notes_of_batches);
  Basket single;
  Basket batched;
  for (int round = 0; round < 60; ++round) {
    const Instant now = kStart + std::chrono::milliseconds(round);
    std::vector<Bytes> packets(random.below(100));
    for (Bytes& packet : packets) packet = random_packet(random);
    for (Bytes packet : packets) singles.receive(packet, now, single);
    const std::vector<std::span<std::uint8_t>> ring(packets.begin(), packets.end());
    batches.fabric.receive_batch(0, ring, now, batched);
    BOOST_REQUIRE(batched.packets == single.packets);
    BOOST_REQUIRE(batched.ports == single.ports);
    check_equal(notes_of_batches, notes_of_singles);
    BOOST_REQUIRE(batches.counters().dropped == singles.counters().dropped);
    BOOST_REQUIRE_EQUAL(batches.counters().packets_in, singles.counters().packets_in);
    BOOST_REQUIRE(batches.counters().conserved());
    singles.fabric.advance(now, single);  // what waits for bandwidth, where it is limited
    batches.fabric.advance(now, batched);
  }
  BOOST_TEST(batches.counters().sessions_opened > 100u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batches)

BOOST_AUTO_TEST_CASE(through_a_fabric_do_what_single_packets_do) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    check_routed_with(kept_address_balancer(), seed);
    check_routed_with(full_nat_balancer(), seed);
  }
}

BOOST_AUTO_TEST_CASE(through_a_fabric_do_what_single_packets_do_with_a_limited_bandwidth) {
  for (config::LoadBalancer balancer : {kept_address_balancer(), full_nat_balancer()}) {
    balancer.eip = config::PublicAddress{20e6, 3000, 10'000};
    check_routed_with(balancer, 6);
  }
}

BOOST_AUTO_TEST_CASE(do_what_single_packets_do_with_the_clients_address_kept) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) check_with(kept_address_balancer(), seed);
}

BOOST_AUTO_TEST_CASE(do_what_single_packets_do_in_full_nat) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) check_with(full_nat_balancer(), seed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
