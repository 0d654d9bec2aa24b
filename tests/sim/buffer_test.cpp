// The buffers that packets wait in, against the standard library's.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <vector>

#include "models/random/stream.hpp"
#include "sim/delay_line.hpp"
#include "sim/packet_fifo.hpp"

namespace elblab::sim::test {
namespace {

std::vector<std::uint8_t> random_packet(random::Stream& stream, std::size_t largest) {
  std::vector<std::uint8_t> packet(stream.below(largest + 1));
  for (std::uint8_t& byte : packet) byte = static_cast<std::uint8_t>(stream.next());
  return packet;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(buffers)

BOOST_AUTO_TEST_CASE(fifo_gives_back_any_sequence_of_packets) {
  for (const std::size_t largest : {60, 1500, 65535}) {
    random::Stream stream(largest, "fifo");
    PacketFifo fifo;
    std::deque<std::pair<Instant, std::vector<std::uint8_t>>> expected;
    for (int step = 0; step < 20000; ++step) {
      // Fills up for a while, then drains: chunks are taken, crossed and reused.
      const bool filling = (step / 500) % 2 == 0;
      if (stream.chance(filling ? 0.7 : 0.3)) {
        const Instant due{Duration{step}};
        expected.emplace_back(due, random_packet(stream, largest));
        fifo.push(expected.back().second, due);
      } else if (!expected.empty()) {
        BOOST_REQUIRE((fifo.front_due() == expected.front().first));
        BOOST_REQUIRE(std::ranges::equal(fifo.front(), expected.front().second));
        fifo.pop();
        expected.pop_front();
      }
      BOOST_REQUIRE_EQUAL(fifo.size(), expected.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(oldest_packet_stays_in_place_while_others_enter) {
  random::Stream stream(1, "place");
  PacketFifo fifo;
  const auto first = random_packet(stream, 1500);
  fifo.push(first, kStart);
  const auto view = fifo.front();
  for (int i = 0; i < 1000; ++i) fifo.push(random_packet(stream, 1500), kStart);
  BOOST_TEST(view.data() == fifo.front().data());
  BOOST_TEST(std::ranges::equal(view, first));
}

BOOST_AUTO_TEST_CASE(delay_line_releases_by_due_time_then_by_arrival) {
  random::Stream stream(1, "delays");
  struct Held {
    Instant due;
    std::uint8_t number;
    bool operator<(const Held& other) const { return due < other.due; }
  };
  std::vector<Held> expected;
  std::vector<Held> released;
  DelayLine line([&](std::span<std::uint8_t> packet) {
    BOOST_REQUIRE_EQUAL(packet.size(), 1);
    released.push_back({now(), packet[0]});
  });
  for (int i = 0; i < 250; ++i) {
    // Few distinct times, so that many are equal.
    const Held held{kStart + std::chrono::microseconds(stream.below(40)),
                    static_cast<std::uint8_t>(i)};
    expected.push_back(held);
    line.hold(std::vector<std::uint8_t>{held.number}, held.due);
  }
  std::stable_sort(expected.begin(), expected.end());
  ns3::Simulator::Run();
  ns3::Simulator::Destroy();
  BOOST_REQUIRE_EQUAL(released.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST((released[i].due == expected[i].due));
    BOOST_TEST(released[i].number == expected[i].number);
  }
  BOOST_TEST(line.held() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
