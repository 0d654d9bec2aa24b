// Links of every kind against hand computation.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "tests/sim/link_fixture.hpp"

namespace elblab::sim::test {
namespace {

using language::LinkKind;
using namespace std::chrono_literals;
using telemetry::Reason;

const auto kAllKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled});
const auto kDuplexKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::pooled});

language::Link slow_link(LinkKind kind) {
  language::Link link;
  link.kind = kind;
  link.rate_bits_per_second = 10e6;  // 800 ns per byte
  link.delay = 5ms;
  return link;
}

// What a kind adds to an IP packet on the wire: nothing, two bytes of PPP, an Ethernet header and
// FCS around at least 46 bytes.
Duration serialisation(LinkKind kind, std::size_t size) {
  std::size_t bytes = size;
  if (kind == LinkKind::point_to_point) bytes = size + 2;
  if (kind == LinkKind::csma) bytes = 18 + std::max<std::size_t>(size, 46);
  return Duration{static_cast<std::int64_t>(bytes) * 800};
}

std::vector<std::uint32_t> numbers(const CollectingSink& sink) {
  std::vector<std::uint32_t> result;
  for (const Arrival& arrival : sink.arrivals) result.push_back(number_of(arrival.packet));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link)

BOOST_DATA_TEST_CASE(packet_arrives_after_serialisation_and_delay, kAllKinds, kind) {
  for (const std::size_t size : {40, 576, 1500}) {
    for (const End from : {End::first, End::second}) {
      LinkFixture fixture(slow_link(kind));
      fixture.resolve_neighbours();
      fixture.send_at(1s - now().time_since_epoch(), from, size, 42);
      fixture.run_until(2s);
      const auto& arrivals = fixture.at(opposite(from)).arrivals;
      BOOST_REQUIRE_EQUAL(arrivals.size(), 1);
      const Duration expected = 1s + serialisation(kind, size) + 5ms;
      BOOST_TEST((arrivals[0].at.time_since_epoch() == expected));
      BOOST_TEST(arrivals[0].packet == numbered_packet(from, size, 42));
    }
  }
}

BOOST_DATA_TEST_CASE(packets_in_a_row_are_spaced_by_their_serialisation, kDuplexKinds, kind) {
  LinkFixture fixture(slow_link(kind));
  for (std::uint32_t i = 0; i < 20; ++i) fixture.send_at(1ms, End::first, 100 + 10 * i, i);
  fixture.run_until(1s);
  const auto& arrivals = fixture.at(End::second).arrivals;
  BOOST_REQUIRE_EQUAL(arrivals.size(), 20);
  Duration transmitted = 1ms;
  for (std::uint32_t i = 0; i < 20; ++i) {
    transmitted += serialisation(kind, 100 + 10 * i);
    BOOST_TEST((arrivals[i].at.time_since_epoch() == transmitted + 5ms));
  }
}

BOOST_DATA_TEST_CASE(directions_do_not_share_their_rate, kDuplexKinds, kind) {
  LinkFixture fixture(slow_link(kind));
  for (std::uint32_t i = 0; i < 10; ++i) {
    fixture.send_at(0s, End::first, 1000, i);
    fixture.send_at(0s, End::second, 1000, i);
  }
  fixture.run_until(1s);
  const Duration last = 10 * serialisation(kind, 1000) + 5ms;
  BOOST_TEST((fixture.at(End::first).arrivals.back().at.time_since_epoch() == last));
  BOOST_TEST((fixture.at(End::second).arrivals.back().at.time_since_epoch() == last));
}

BOOST_DATA_TEST_CASE(full_queue_drops_the_newest, kAllKinds, kind) {
  language::Link parameters = slow_link(kind);
  parameters.queue_packets = 5;
  LinkFixture fixture(parameters);
  fixture.resolve_neighbours();
  for (std::uint32_t i = 0; i < 10; ++i) {
    fixture.send_at(1s - now().time_since_epoch(), End::first, 500, i);
  }
  fixture.run_until(2s);
  // One in transmission and five waiting; the other four find the queue full.
  BOOST_TEST(numbers(fixture.at(End::second)) == (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}),
             boost::test_tools::per_element());
  BOOST_TEST(fixture.dropped_for(Reason::link_queue_full) == 4);
  BOOST_TEST(fixture.link().counters(End::first).dropped_queue_full == 4);
  BOOST_TEST(fixture.link().conservation_problem().value_or("") == "");
}

BOOST_DATA_TEST_CASE(queue_takes_packets_again_as_it_drains, kDuplexKinds, kind) {
  language::Link parameters = slow_link(kind);
  parameters.queue_packets = 2;
  LinkFixture fixture(parameters);
  const Duration each = serialisation(kind, 500);
  for (std::uint32_t i = 0; i < 4; ++i) fixture.send_at(0s, End::first, 500, i);  // 3 is dropped
  fixture.send_at(each + 1us, End::first, 500, 4);  // 1 is in transmission, 2 waits: room for one
  fixture.send_at(each + 2us, End::first, 500, 5);  // 2 and 4 wait
  fixture.run_until(1s);
  BOOST_TEST(numbers(fixture.at(End::second)) == (std::vector<std::uint32_t>{0, 1, 2, 4}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_kind_loses_the_same_packets_at_the_given_rate) {
  constexpr std::uint32_t kPackets = 20000;
  std::vector<std::vector<std::uint32_t>> survivors;
  for (const LinkKind kind : {LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled}) {
    language::Link parameters;
    parameters.kind = kind;
    parameters.loss = 0.1;
    LinkFixture fixture(parameters);
    for (std::uint32_t i = 0; i < kPackets; ++i) {
      fixture.send_at(std::chrono::milliseconds(i), End::first, 60, i);
    }
    fixture.run_until(1h);
    survivors.push_back(numbers(fixture.at(End::second)));
    // Binomial: 2000 lost, deviation sqrt(20000 * 0.1 * 0.9) = 42.4; five of them.
    const auto lost = static_cast<double>(kPackets - survivors.back().size());
    BOOST_TEST(std::abs(lost - 2000) < 5 * 42.4);
    BOOST_TEST(fixture.dropped_for(Reason::link_loss) == kPackets - survivors.back().size());
    BOOST_TEST(fixture.link().conservation_problem().value_or("") == "");
  }
  BOOST_TEST(survivors[0] == survivors[1], boost::test_tools::per_element());
  BOOST_TEST(survivors[0] == survivors[2], boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(jitter_delays_within_bounds_and_reorders, kAllKinds, kind) {
  constexpr std::uint32_t kPackets = 5000;
  language::Link parameters;
  parameters.kind = kind;
  parameters.delay = 1ms;
  parameters.jitter = 20ms;
  LinkFixture fixture(parameters);
  fixture.resolve_neighbours();
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    fixture.send_at(std::chrono::milliseconds(100 + 5 * i), End::second, 60, i);
  }
  const Instant begin = now() + 100ms;
  fixture.run_until(1h);
  const auto& arrivals = fixture.at(End::first).arrivals;
  BOOST_REQUIRE_EQUAL(arrivals.size(), kPackets);
  double sum_of_extra = 0;
  std::set<std::uint32_t> seen;
  for (const Arrival& arrival : arrivals) {
    const std::uint32_t number = number_of(arrival.packet);
    seen.insert(number);
    const Duration extra = arrival.at - (begin + std::chrono::milliseconds(5 * number) + 1ms);
    BOOST_TEST((extra >= 0ms && extra <= 20ms + 1us));
    sum_of_extra += to_seconds(extra);
  }
  BOOST_TEST(seen.size() == kPackets);
  // Uniform over [0, 20 ms]: mean 10 ms, deviation of the mean 20 ms / sqrt(12 * 5000) = 0.08 ms.
  BOOST_TEST(std::abs(sum_of_extra / kPackets - 0.010) < 5 * 0.0000816);
  const auto order = numbers(fixture.at(End::first));
  BOOST_TEST(!std::is_sorted(order.begin(), order.end()));
}

BOOST_DATA_TEST_CASE(link_that_is_down_loses_what_is_sent_and_what_is_on_its_way, kAllKinds, kind) {
  LinkFixture fixture(slow_link(kind));
  fixture.resolve_neighbours();
  const Duration base = now().time_since_epoch();
  fixture.send_at(1s - base, End::first, 100, 1);  // delivered
  fixture.send_at(2s - base, End::first, 100, 2);  // on its way
  fixture.at_time(2s + 2ms - base, [&] { fixture.link().set_up(false); });
  fixture.send_at(3s - base, End::first, 100, 3);  // not sent
  fixture.at_time(4s - base, [&] { fixture.link().set_up(true); });
  fixture.send_at(5s - base, End::first, 100, 4);  // delivered
  fixture.run_until(6s);
  BOOST_TEST(numbers(fixture.at(End::second)) == (std::vector<std::uint32_t>{1, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(fixture.dropped_for(Reason::link_down) == 2);
  BOOST_TEST(fixture.link().conservation_problem().value_or("") == "");
}

BOOST_DATA_TEST_CASE(drop_event_names_link_flow_and_reason, kAllKinds, kind) {
  language::Link parameters = slow_link(kind);
  parameters.loss = 1;
  LinkFixture fixture(parameters);
  fixture.send_at(1s, End::first, 100, 1);
  fixture.run_until(2s);
  BOOST_REQUIRE_EQUAL(fixture.events().size(), 1);
  const telemetry::Event& event = fixture.events().front();
  BOOST_TEST((event.kind == telemetry::EventKind::packet_dropped));
  BOOST_TEST((event.reason == Reason::link_loss));
  BOOST_TEST(event.object == 7);
  BOOST_TEST(
      event.flow.to_string() ==
      (net::FlowKey{{kHostAddress, 4000}, {kFarAddress, 5000}, net::Protocol::udp}).to_string());
}

BOOST_DATA_TEST_CASE(conservation_counts_what_is_on_its_way, kAllKinds, kind) {
  LinkFixture fixture(slow_link(kind));
  for (std::uint32_t i = 0; i < 50; ++i) fixture.send_at(0s, End::first, 1000, i);
  fixture.run_until(20ms);
  const LinkCounters& counters = fixture.link().counters(End::first);
  BOOST_TEST(counters.delivered < 50);
  BOOST_TEST(counters.on_medium == 50 - counters.delivered);
  BOOST_TEST(fixture.link().conservation_problem().value_or("") == "");
}

BOOST_DATA_TEST_CASE(loss_can_be_changed_while_running, kDuplexKinds, kind) {
  LinkFixture fixture(slow_link(kind));
  fixture.link().set_loss(1);
  fixture.send_at(0s, End::second, 100, 1);
  fixture.run_until(1s);
  BOOST_TEST(fixture.at(End::first).arrivals.empty());
  fixture.link().set_loss(0);
  fixture.send_at(0s, End::second, 100, 2);
  fixture.run_until(2s);
  BOOST_TEST(fixture.at(End::first).arrivals.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
