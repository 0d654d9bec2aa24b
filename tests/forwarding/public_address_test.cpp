// The bandwidth of the public address, around the nodes of a balancer.
#include "models/forwarding/public_address.hpp"

#include <boost/test/unit_test.hpp>
#include <utility>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::Reason;

namespace {

constexpr network::PortIndex kClientPort = 1;
constexpr network::PortIndex kServerPort = 2;
constexpr std::size_t kHeaders = 28;  // IPv4 and UDP

// 1 B per microsecond each way.
config::LoadBalancer limited(config::LoadBalancer balancer, std::uint64_t burst,
                             std::uint64_t queue) {
  balancer.eip = config::PublicAddress{8e6, burst, queue};
  return balancer;
}

class World {
 public:
  explicit World(const config::LoadBalancer& balancer)
      : routed(balancer, {100},
                {{*net::Subnet::parse("203.0.113.0/24"), kClientPort},
                 {*net::Subnet::parse("10.0.2.0/24"), kServerPort}},
                7, notebook) {}

  void receive(Bytes packet, Instant now = kStart) { routed.receive(packet, now, basket); }
  // A request of so many bytes in all, from a client's port.
  void request(std::uint16_t port, std::size_t bytes, Instant now = kStart) {
    receive(udp(at(kClient, port), at(kVirtual, 53), bytes - kHeaders), now);
  }
  // As a world does: deadline by deadline.
  void run_to(Instant now) {
    while (routed.fabric.next_deadline() <= now) routed.fabric.advance(routed.fabric.next_deadline(), basket);
  }
  std::vector<Bytes> sent() { return std::exchange(basket.packets, {}); }
  std::uint64_t dropped() const {
    return routed.counters().dropped[static_cast<std::size_t>(Reason::bandwidth_exceeded)];
  }

  Notebook notebook;
  Basket basket;
  RoutedBalancer routed;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(public_address)

BOOST_AUTO_TEST_CASE(holds_requests_to_the_bandwidth_before_a_node_sees_them) {  // BW-01, BW-06
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    World world(limited(balancer, 1500, 1000));
    for (const std::uint16_t port : {1, 2, 3}) world.request(port, 1000);
    BOOST_TEST(world.sent().size() == 1u);
    ForwarderCounters c = world.routed.counters();
    BOOST_TEST(c.packets_in == 3u);
    BOOST_TEST(c.bytes_in == 3000u);
    BOOST_TEST(c.bytes_from_clients == 1000u);  // m7: what came through
    BOOST_TEST(c.sessions_opened == 1u);
    BOOST_TEST(c.packets_waiting == 1u);
    BOOST_TEST(world.dropped() == 1u);
    BOOST_TEST(c.conserved());

    BOOST_TEST((world.routed.fabric.next_deadline() == after(microseconds(500))));
    world.run_to(after(microseconds(500)));
    BOOST_TEST(world.sent().size() == 1u);
    c = world.routed.counters();
    BOOST_TEST(c.packets_waiting == 0u);
    BOOST_TEST(c.bytes_in == 3000u);
    BOOST_TEST(c.sessions_opened == 2u);
    BOOST_TEST(c.conserved());
    const auto figures = world.routed.balancer.public_address();
    BOOST_REQUIRE(figures.has_value());
    BOOST_TEST(figures->bytes_in == 2000u);
    BOOST_TEST(figures->bytes_out == 0u);
    BOOST_TEST(figures->packets_dropped == 1u);
  }
}

BOOST_AUTO_TEST_CASE(records_each_drop_with_the_flow_it_belongs_to) {
  World world(limited(kept_address_balancer(), 1500, 0));
  world.request(1, 1500);
  world.request(2, 300);
  BOOST_REQUIRE_EQUAL(world.notebook.count(telemetry::EventKind::packet_dropped), 1u);
  const telemetry::Event& event = world.notebook.events.back();
  BOOST_TEST((event.reason == Reason::bandwidth_exceeded));
  BOOST_TEST((event.flow == net::FlowKey{at(kClient, 2), at(kVirtual, 53), net::Protocol::udp}));
  BOOST_TEST(event.object == 100u);
}

BOOST_AUTO_TEST_CASE(holds_answers_to_it_when_the_balancer_has_sent_them) {  // MET-38
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    World world(limited(balancer, 1500, 1400));
    world.request(1, 100);
    const Parsed seen(world.sent().at(0));
    for (int i = 0; i < 3; ++i) {
      world.receive(udp(seen.flow.destination, seen.flow.source, 1400 - kHeaders));
    }
    BOOST_TEST(world.sent().size() == 1u);
    ForwarderCounters c = world.routed.counters();
    BOOST_TEST(c.bytes_to_clients == 4200u);  // m8
    BOOST_TEST(world.routed.balancer.public_address()->bytes_out == 1400u);
    BOOST_TEST(c.packets_waiting == 1u);
    BOOST_TEST(world.dropped() == 1u);
    BOOST_TEST(c.packets_sent() == 2u);
    BOOST_TEST(c.conserved());
    const telemetry::Event& event = world.notebook.events.back();
    BOOST_TEST((event.flow == net::FlowKey{at(kVirtual, 53), at(kClient, 1), net::Protocol::udp}));

    world.run_to(after(milliseconds(2)));
    const std::vector<Bytes> sent = world.sent();
    BOOST_REQUIRE_EQUAL(sent.size(), 1u);
    BOOST_TEST(Parsed(sent[0]).sound);
    BOOST_TEST(world.basket.ports.back() == kClientPort);
    BOOST_TEST(world.routed.counters().packets_sent() == 3u);
    BOOST_TEST(world.routed.counters().conserved());
  }
}

BOOST_AUTO_TEST_CASE(knows_nothing_of_packets_that_go_past_the_virtual_address) {  // BW-12
  World world(limited(kept_address_balancer(), 1500, 0));
  for (std::uint16_t port = 1; port <= 20; ++port) {
    world.receive(udp(at(kClient, port), at("10.0.2.1", 53), 1400));
    world.receive(udp(at("10.0.2.1", 53), at(kClient, port), 1400));
  }
  BOOST_TEST(world.sent().size() == 40u);
  BOOST_TEST(world.routed.balancer.public_address()->bytes_in == 0u);
  BOOST_TEST(world.routed.balancer.public_address()->bytes_out == 0u);
}

BOOST_AUTO_TEST_CASE(accounts_for_packets_the_balancer_made_and_could_not_send) {
  World world(limited(kept_address_balancer(), 1500, 1200));
  world.request(1, 100);
  const Parsed seen(world.sent().at(0));
  world.receive(udp(seen.flow.destination, seen.flow.source, 1500 - kHeaders));  // empties it
  BOOST_REQUIRE_EQUAL(world.sent().size(), 1u);
  for (int i = 0; i < 2; ++i) {
    world.receive(icmp(ip(kClient), ip(kVirtual), 8, 0, 5, Bytes(672)));  // 700 B there and back
  }
  BOOST_TEST(world.sent().empty());
  ForwarderCounters c = world.routed.counters();
  BOOST_TEST(c.packets_made == 2u);
  BOOST_TEST(c.made_unsent == 2u);  // one waits, one was dropped
  BOOST_TEST(c.packets_sent() == 2u);
  BOOST_TEST(c.conserved());
  world.run_to(after(milliseconds(1)));
  BOOST_TEST(world.sent().size() == 1u);
  c = world.routed.counters();
  BOOST_TEST(c.made_unsent == 1u);
  BOOST_TEST(c.packets_sent() == 3u);
  BOOST_TEST(c.conserved());
}

BOOST_AUTO_TEST_CASE(lets_what_waits_go_sooner_when_the_bandwidth_is_raised) {  // BW-04, LIFE-31
  World world(limited(kept_address_balancer(), 1500, 5000));
  for (const std::uint16_t port : {1, 2, 3}) world.request(port, 1500);
  BOOST_TEST((world.routed.fabric.next_deadline() == after(microseconds(1500))));
  world.routed.balancer.set_bandwidth(16e6, kStart);
  BOOST_TEST((world.routed.fabric.next_deadline() == after(microseconds(750))));
  BOOST_TEST(world.routed.balancer.public_address()->bits_per_second == 16e6);
  world.run_to(after(microseconds(1500)));
  BOOST_TEST(world.sent().size() == 3u);
}

BOOST_AUTO_TEST_CASE(burst_and_queue_follow_the_bandwidth_unless_they_are_given) {
  auto balancer = kept_address_balancer();
  balancer.eip = config::PublicAddress{8e6, std::nullopt, 0};
  World world(balancer);
  world.routed.balancer.set_bandwidth(16e6, kStart);
  // 100 ms at 16 Mbit/s are 200 kB; the bucket held 100 kB of it and fills within 50 ms.
  for (int i = 0; i < 200; ++i) world.request(1, 1000, after(seconds(1)));
  BOOST_TEST(world.dropped() == 0u);
  world.request(1, 1000, after(seconds(1)));
  BOOST_TEST(world.dropped() == 1u);
}

BOOST_AUTO_TEST_CASE(an_address_without_a_limit_says_so) {
  World world(kept_address_balancer());
  BOOST_TEST(!world.routed.balancer.public_address().has_value());
  world.routed.balancer.set_bandwidth(1, kStart);
  for (int i = 0; i < 100; ++i) world.request(1, 1500);
  BOOST_TEST(world.sent().size() == 100u);
}

BOOST_AUTO_TEST_CASE(serves_packets_whose_turn_came_before_a_late_world_looked) {
  World world(limited(kept_address_balancer(), 1500, 1500));
  world.request(1, 1500);
  world.request(2, 1500);
  // 10 ms late: the second has left the queue by rights, the third finds room and tokens.
  world.request(3, 1400, after(milliseconds(10)));
  BOOST_TEST(world.dropped() == 0u);
  world.run_to(after(milliseconds(12)));
  const std::vector<Bytes> sent = world.sent();
  BOOST_REQUIRE_EQUAL(sent.size(), 3u);
  BOOST_TEST(Parsed(sent[1]).flow.source.port == 2);
  BOOST_TEST(Parsed(sent[2]).flow.source.port == 3);
}

// Of random traffic both ways every packet is forwarded, absorbed, dropped or waits at any moment,
// what left is what the ports got, and what the address let through keeps to its rate.
BOOST_AUTO_TEST_CASE(every_packet_of_random_traffic_adds_up_at_any_moment) {
  for (const auto& balancer : {kept_address_balancer(), full_nat_balancer()}) {
    random::Stream random(4, "limited");
    World world(limited(balancer, 3000, 6000));
    std::vector<net::FlowKey> answers;
    Instant now = kStart;
    std::uint64_t ports_got = 0;
    for (int i = 0; i < 5000; ++i) {
      now += Duration{static_cast<std::int64_t>(random.below(700'000))};
      world.run_to(now);
      const std::size_t payload = 20 + random.below(1400);
      const auto port = static_cast<std::uint16_t>(1 + random.below(50));
      const std::uint64_t kind = random.below(20);
      if (kind == 0) {
        world.receive(icmp(ip(kClient), ip(kVirtual), 8, 0, 5, Bytes(payload)), now);
      } else if (kind == 1) {
        world.receive(udp(at("192.0.2.9", port), at(kVirtual, 53), payload), now);  // no way back
      } else if (kind == 2) {
        world.receive(udp(at(kClient, port), at(kVirtual, 99), payload), now);  // no listener
      } else if (kind < 10 || answers.empty()) {
        world.receive(udp(at(kClient, port), at(kVirtual, 53), payload), now);
      } else {
        const net::FlowKey& answer = answers[random.below(answers.size())];
        world.receive(udp(answer.source, answer.destination, payload), now);
      }
      for (const Bytes& packet : world.sent()) {
        ++ports_got;
        const Parsed parsed(packet);
        BOOST_REQUIRE(parsed.sound);
        const bool to_server = parsed.flow.source.address != ip(kVirtual);
        if (to_server && answers.size() < 100) answers.push_back(parsed.flow.reversed());
      }
      const ForwarderCounters c = world.routed.counters();
      BOOST_REQUIRE_EQUAL(c.packets_in, static_cast<std::uint64_t>(i + 1));
      BOOST_REQUIRE(c.conserved());
      BOOST_REQUIRE_EQUAL(c.packets_sent(), ports_got);
      BOOST_REQUIRE_EQUAL(c.dropped_total(),
                          world.notebook.count(telemetry::EventKind::packet_dropped));
      const auto figures = *world.routed.balancer.public_address();
      BOOST_REQUIRE_LE(static_cast<double>(figures.bytes_in), 3000 + 1e6 * to_seconds(now));
      BOOST_REQUIRE_LE(static_cast<double>(figures.bytes_out), 3000 + 1e6 * to_seconds(now));
      BOOST_REQUIRE_LE(figures.bytes_waiting, 2 * 6000u);
    }
    BOOST_TEST(world.dropped() > 200u);
    BOOST_TEST(world.routed.balancer.public_address()->bytes_out > 500'000u);
    BOOST_TEST(world.routed.counters().made_unsent > 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
