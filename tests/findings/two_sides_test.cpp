// Two captures of the same traffic. Offsets, drift and losses are put in by hand.
#include "pcap/findings/two_sides.hpp"

#include "pcap/findings/between_findings.hpp"
#include "tests/findings/diagnosed.hpp"

namespace elblab::findings::test {
namespace {

const net::Endpoint kVirtual = endpoint(100, 80);

// One connection as both sides see it: 10 ms to the balancer, 1 ms on to the server.
struct Both {
  Packets near;
  Packets far;
  double ahead_ms = 5'000;  // the clock of the servers' side
  double gain = 0;          // ... and how much faster it runs

  double far_time(double at_ms) const { return at_ms * (1 + gain) + ahead_ms + 1e6; }

  void send(double at_ms, const net::Endpoint& client, bool to_server, std::uint8_t flags,
            std::uint32_t sequence, std::uint32_t acknowledgment, std::size_t payload = 0,
            bool arrives = true) {
    const double near_at = to_server ? at_ms : at_ms + 11;
    const double far_at = far_time(to_server ? at_ms + 11 : at_ms);
    const bool seen_near = to_server || arrives;
    const bool seen_far = !to_server || arrives;
    const auto& from = client;
    if (seen_near) {
      near.tcp(near_at + 1e6, to_server ? from : kVirtual, to_server ? kVirtual : from, flags,
               sequence, acknowledgment, payload);
    }
    if (seen_far) {
      far.tcp(far_at, to_server ? from : kServer, to_server ? kServer : from, flags, sequence,
              acknowledgment, payload);
    }
  }

  void connection(double at_ms, std::uint16_t port) {
    const net::Endpoint client = endpoint(1, port);
    const std::uint32_t c = 1'000'000U * port;
    send(at_ms, client, true, flag::syn, c, 0);
    send(at_ms + 12, client, false, flag::syn | flag::ack, 7000, c + 1);
    send(at_ms + 25, client, true, flag::ack, c + 1, 7001);
    send(at_ms + 26, client, true, flag::ack | flag::psh, c + 1, 7001, 100);
    send(at_ms + 60, client, false, flag::ack | flag::psh, 7001, c + 101, 200);
    send(at_ms + 80, client, true, flag::ack | flag::fin, c + 101, 7201);
    send(at_ms + 95, client, false, flag::ack | flag::fin, 7201, c + 102);
  }
};

struct Matched {
  Diagnosed near;
  Diagnosed far;
  TwoSides sides;
  diagnosis::Diagnosis between;

  explicit Matched(Both both) : near(sorted(both.near)), far(sorted(both.far)) {
    sides = match_sides(near.books(), far.books());
    between = diagnose_between(sides, {});
  }
  static Packets& sorted(Packets& packets) {
    sort_by_time(packets);
    return packets;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_sides)

BOOST_AUTO_TEST_CASE(clocks_are_aligned_with_their_offset_and_drift) {
  Both both;
  both.gain = 50e-6;
  for (std::uint16_t i = 0; i < 60; ++i) both.connection(1000.0 * i, 40000 + i);
  const Matched matched(both);
  BOOST_TEST(matched.sides.pairs.size() == 60U);
  BOOST_TEST((matched.sides.pairs[0].rewriting == Rewriting::server));
  BOOST_REQUIRE(matched.sides.offset.has_value());
  // In the middle of the capture 50 ppm of 30 s have come together.
  BOOST_TEST(std::abs(to_seconds(*matched.sides.offset) - 5.0015) < 0.0001);
  BOOST_TEST(std::abs(matched.sides.drift_ppm - 50) < 2);
  BOOST_TEST(std::abs(to_seconds(matched.sides.round_trip_between) - 0.022) < 0.0001);
  BOOST_TEST(matched.between.nothing_wrong(), matched.between.verdict);
}

BOOST_AUTO_TEST_CASE(the_order_of_the_files_does_not_matter) {
  Both both;
  for (std::uint16_t i = 0; i < 20; ++i) both.connection(100.0 * i, 40000 + i);
  const Diagnosed near(both.near);
  const Diagnosed far(both.far);
  const TwoSides sides = match_sides(far.books(), near.books());
  BOOST_TEST(sides.swapped);
  BOOST_TEST(sides.pairs.size() == 20U);
}

BOOST_AUTO_TEST_CASE(what_does_not_arrive_was_lost_between_the_two) {
  Both both;
  for (std::uint16_t i = 0; i < 40; ++i) both.connection(500.0 * i, 40000 + i);
  for (std::uint16_t i = 0; i < 5; ++i) {
    const net::Endpoint client = endpoint(2, 50000 + i);
    for (const double again : {0.0, 1000.0, 3000.0}) {
      both.send(2000.0 + 100 * i + again, client, true, flag::syn, 99'000U + i, 0, 0, false);
    }
  }
  const Matched matched(both);
  BOOST_REQUIRE(matched.between.found.size() == 1U);
  BOOST_TEST(matched.between.found[0].cause == "lost_between");
  BOOST_TEST(holds(matched.between.found[0].evidence[0].text, "5 connections left"));
}

BOOST_AUTO_TEST_CASE(a_reset_that_no_server_sent_was_made_between_the_two) {
  for (const bool by_server : {false, true}) {
    Both both;
    for (std::uint16_t i = 0; i < 20; ++i) both.connection(500.0 * i, 40000 + i);
    for (std::uint16_t i = 0; i < 4; ++i) {
      const net::Endpoint client = endpoint(2, 50000 + i);
      const double at = 1000.0 * i;
      const std::uint32_t c = 77'000U * (i + 1U);
      both.send(at, client, true, flag::syn, c, 0);
      both.send(at + 12, client, false, flag::syn | flag::ack, 7000, c + 1);
      both.send(at + 25, client, true, flag::ack, c + 1, 7001);
      both.send(at + 26, client, true, flag::ack | flag::psh, c + 1, 7001, 100);
      if (by_server) {
        both.send(at + 500, client, false, flag::rst | flag::ack, 7001, c + 101);
      } else {
        both.near.tcp(at + 500 + 1e6, kVirtual, client, flag::rst | flag::ack, 7001, c + 101);
      }
    }
    const Matched matched(both);
    BOOST_REQUIRE(matched.between.found.size() == 1U);
    BOOST_TEST(matched.between.found[0].cause == (by_server ? "reset_by_server" : "reset_between"));
  }
}

BOOST_AUTO_TEST_CASE(captures_of_other_traffic_say_nothing_about_each_other) {
  Packets one;
  Packets other;
  healthy(one, 0, 40001);
  pcap::testing::short_connection(other, 0, endpoint(9, 40001), kServer, 1, 2);
  other.list[3].bytes.back() ^= 1;
  const Diagnosed near(one);
  const Diagnosed far(other);
  TwoSides sides = match_sides(near.books(), far.books());
  // The first payloads differ, too.
  BOOST_TEST(sides.pairs.empty());
  BOOST_TEST(holds(diagnose_between(sides, {}).verdict, "nothing can be said"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::findings::test
