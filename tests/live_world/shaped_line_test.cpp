// A link's direction in user space, against arithmetic and the binomial distribution.
#include "live/shaped_line.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace elblab::live {
namespace {

using namespace std::chrono_literals;
using telemetry::Reason;

using Packet = std::vector<std::uint8_t>;

Packet packet_of(std::size_t bytes, std::uint8_t mark = 0) { return Packet(bytes, mark); }

language::Link link_of(double rate, Duration delay) {
  language::Link link;
  link.rate_bits_per_second = rate;
  link.delay = delay;
  return link;
}

struct Left {
  Packet packet;
  Instant at;
};

// A line with what came out of it, at once or later.
class Line : private LineExit {
 public:
  explicit Line(const language::Link& link) : line_(link, random::Stream(1, "link/test"), *this) {}

  void enter(const Packet& packet, Instant now) {
    if (line_.enter(packet, now)) {
      left.push_back({packet, now});
      ++at_once;
    }
  }
  // Wakes up exactly when something is due, up to `end`.
  void run_until(Instant end) {
    while (line_.next_deadline() <= end) line_.advance(line_.next_deadline());
  }
  void advance(Instant now) { line_.advance(now); }
  ShapedLine& line() { return line_; }
  bool conserved() const {
    const LineCounters& c = line_.counters();
    return c.entered == c.left + c.dropped() + line_.held() && c.left == left.size() &&
           c.dropped() == std::accumulate(drops.begin(), drops.end(), std::uint64_t{0},
                                          [](auto sum, const auto& d) { return sum + d.second; });
  }

  std::vector<Left> left;
  std::map<Reason, std::uint64_t> drops;
  std::uint64_t at_once = 0;

 private:
  void released(std::span<std::uint8_t> packet, Instant now) override {
    left.push_back({Packet(packet.begin(), packet.end()), now});
  }
  void dropped(std::span<const std::uint8_t>, Reason reason, Instant) override { ++drops[reason]; }

  ShapedLine line_;
};

Instant at(Duration time) { return kStart + time; }

}  // namespace

BOOST_AUTO_TEST_SUITE(shaped_line)

BOOST_AUTO_TEST_CASE(packet_comes_out_after_its_transmission_and_the_delay) {
  Line line(link_of(8e6, 5ms));  // 1 µs per byte
  line.enter(packet_of(1000), at(1ms));
  BOOST_TEST((line.line().next_deadline() == at(7ms)));
  line.run_until(at(1s));
  BOOST_REQUIRE_EQUAL(line.left.size(), 1);
  BOOST_TEST((line.left[0].at == at(7ms)));
  BOOST_TEST(line.left[0].packet.size() == 1000);
  BOOST_TEST(line.conserved());
}

BOOST_AUTO_TEST_CASE(rate_spaces_packets_that_enter_together) {
  Line line(link_of(8e6, 0ms));
  for (std::uint8_t i = 0; i < 10; ++i) line.enter(packet_of(1000, i), at(0ms));
  line.run_until(at(1s));
  BOOST_REQUIRE_EQUAL(line.left.size(), 10);
  for (std::uint8_t i = 0; i < 10; ++i) {
    BOOST_TEST(line.left[i].packet[0] == i);
    BOOST_TEST((line.left[i].at == at((i + 1) * 1ms)));
  }
}

BOOST_AUTO_TEST_CASE(what_no_timer_could_hold_passes_at_once_and_uncopied) {
  Line line(link_of(1e9, 0ms));  // 12 µs for a full packet
  line.enter(packet_of(1500), at(1ms));
  BOOST_TEST(line.at_once == 1);
  BOOST_TEST(line.line().held() == 0);
  BOOST_TEST((line.line().next_deadline() == kNever));
}

BOOST_AUTO_TEST_CASE(rate_holds_over_a_burst_although_its_first_packets_pass_at_once) {
  Line line(link_of(1e9, 0ms));
  constexpr int kPackets = 500;
  for (int i = 0; i < kPackets; ++i) line.enter(packet_of(1250), at(0ms));  // 10 µs each
  line.run_until(at(1s));
  BOOST_REQUIRE_EQUAL(line.left.size(), kPackets);
  BOOST_TEST((line.left.back().at == at(5ms)));
  BOOST_TEST(line.at_once == 2);
  for (std::size_t i = 1; i < line.left.size(); ++i) {
    BOOST_REQUIRE(line.left[i - 1].at <= line.left[i].at);
  }
}

BOOST_AUTO_TEST_CASE(full_queue_drops_what_comes_last) {
  auto link = link_of(8e6, 0ms);
  link.queue_packets = 3;
  Line line(link);
  // One is being sent, three wait.
  for (int i = 0; i < 6; ++i) line.enter(packet_of(1000), at(0ms));
  BOOST_TEST(line.drops[Reason::link_queue_full] == 2);
  // 2.5 ms later three of them have left the queue.
  for (int i = 0; i < 3; ++i) line.enter(packet_of(1000), at(2500us));
  BOOST_TEST(line.drops[Reason::link_queue_full] == 3);
  line.run_until(at(1s));
  BOOST_TEST(line.left.size() == 6);
  BOOST_TEST(line.conserved());
}

BOOST_AUTO_TEST_CASE(losses_lie_within_the_bounds_of_the_binomial_distribution) {
  constexpr int kPackets = 20000;
  for (const double loss : {0.01, 0.1, 0.5}) {
    auto link = link_of(1e12, 1ms);
    link.loss = loss;
    link.queue_packets = kPackets;
    Line line(link);
    for (int i = 0; i < kPackets; ++i) line.enter(packet_of(100), at(i * 1us));
    line.run_until(at(1s));
    const double deviation = std::sqrt(kPackets * loss * (1 - loss));
    BOOST_TEST(std::abs(static_cast<double>(line.drops[Reason::link_loss]) - kPackets * loss) <
               5 * deviation);
    BOOST_TEST(line.conserved());
  }
}

BOOST_AUTO_TEST_CASE(loss_can_be_changed_while_it_runs) {
  Line line(link_of(1e12, 0ms));
  line.line().set_loss(1);
  for (int i = 0; i < 10; ++i) line.enter(packet_of(100), at(1ms));
  BOOST_TEST(line.drops[Reason::link_loss] == 10);
  line.line().set_loss(0);
  line.enter(packet_of(100), at(2ms));
  BOOST_TEST(line.left.size() == 1);
}

BOOST_AUTO_TEST_CASE(jitter_holds_each_packet_up_to_its_length_more_and_reorders) {
  auto link = link_of(1e12, 1ms);
  link.jitter = 4ms;
  Line line(link);
  constexpr int kPackets = 1000;
  for (int i = 0; i < kPackets; ++i) {
    line.enter(packet_of(100, static_cast<std::uint8_t>(i % 256)), at(i * 10us));
  }
  line.run_until(at(1s));
  BOOST_REQUIRE_EQUAL(line.left.size(), kPackets);
  bool reordered = false;
  for (std::size_t i = 1; i < line.left.size(); ++i) {
    BOOST_REQUIRE(line.left[i - 1].at <= line.left[i].at);
    const auto step =
        static_cast<std::uint8_t>(line.left[i].packet[0] - line.left[i - 1].packet[0]);
    reordered = reordered || step != 1;
  }
  BOOST_TEST(reordered);
  BOOST_TEST((line.left.back().at <= at(kPackets * 10us + 5ms + 1us)));
}

BOOST_AUTO_TEST_CASE(world_that_wakes_up_late_loses_and_reorders_nothing) {
  Line line(link_of(8e6, 1ms));
  for (std::uint8_t i = 0; i < 10; ++i) line.enter(packet_of(1000, i), at(0ms));
  line.advance(at(100ms));
  BOOST_REQUIRE_EQUAL(line.left.size(), 10);
  for (std::uint8_t i = 0; i < 10; ++i) BOOST_TEST(line.left[i].packet[0] == i);
}

BOOST_AUTO_TEST_CASE(link_that_is_down_drops_what_enters_and_what_is_on_it) {
  Line line(link_of(1e9, 5ms));
  line.enter(packet_of(100), at(0ms));
  line.line().set_up(false);
  line.enter(packet_of(100), at(1ms));
  line.run_until(at(10ms));
  BOOST_TEST(line.drops[Reason::link_down] == 2);
  line.line().set_up(true);
  line.enter(packet_of(100), at(20ms));
  line.run_until(at(1s));
  BOOST_TEST(line.left.size() == 1);
  BOOST_TEST(line.conserved());
}

BOOST_AUTO_TEST_CASE(released_bytes_stay_while_others_enter) {
  // As the balancer does it: packets released from a line are rewritten and sent while new ones
  // come in.
  class Keeper : public LineExit {
   public:
    void released(std::span<std::uint8_t> packet, Instant) override { kept.push_back(packet); }
    void dropped(std::span<const std::uint8_t>, Reason, Instant) override {}
    std::vector<std::span<std::uint8_t>> kept;
  } keeper;
  ShapedLine line(link_of(1e12, 1ms), random::Stream(1, "link/test"), keeper);
  for (std::uint8_t i = 0; i < 20; ++i) {
    BOOST_TEST(!line.enter(packet_of(100, i), at(0ms)));
  }
  line.advance(at(2ms));
  for (std::uint8_t i = 0; i < 200; ++i) {
    BOOST_TEST(!line.enter(packet_of(1400, 0xFF), at(2ms)));
  }
  BOOST_REQUIRE_EQUAL(keeper.kept.size(), 20);
  for (std::uint8_t i = 0; i < 20; ++i) BOOST_TEST(keeper.kept[i][99] == i);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live
