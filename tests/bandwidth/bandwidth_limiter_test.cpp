#include "models/bandwidth/bandwidth_limiter.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <deque>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::bandwidth {
namespace {

using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kMbps = 1'000'000;

Instant after(Duration d) { return kStart + d; }
Bytes packet(std::size_t size, std::uint8_t content = 7) { return Bytes(size, content); }

}  // namespace

BOOST_AUTO_TEST_SUITE(bandwidth_limiter)

BOOST_AUTO_TEST_CASE(passes_what_the_bucket_has_keeps_what_the_queue_holds_and_drops_the_rest) {
  BandwidthLimiter limiter({8 * kMbps, 1000, 1500}, kStart);  // 1 B/us
  BOOST_TEST((limiter.offer(packet(1000), 1, kStart) == Verdict::passed));
  BOOST_TEST((limiter.offer(packet(1000), 2, kStart) == Verdict::waits));
  BOOST_TEST((limiter.offer(packet(600), 3, kStart) == Verdict::dropped));
  BOOST_TEST((limiter.offer(packet(500), 4, kStart) == Verdict::waits));  // still has room
  BOOST_TEST(limiter.counters().packets_dropped == 1u);
  BOOST_TEST(limiter.counters().bytes_waiting == 1500u);
  BOOST_TEST((limiter.next_deadline() == after(milliseconds(1))));
  BOOST_TEST(!limiter.take(after(milliseconds(1) - Duration{1})).has_value());
  const auto second = limiter.take(after(milliseconds(1)));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(second->tag == 2u);
  BOOST_TEST(second->bytes.size() == 1000u);
  BOOST_TEST(limiter.take(after(milliseconds(2)))->tag == 4u);
  BOOST_TEST((limiter.next_deadline() == kNever));
  BOOST_TEST(limiter.counters().bytes_passed == 2500u);
}

BOOST_AUTO_TEST_CASE(lets_no_packet_pass_those_that_wait) {
  BandwidthLimiter limiter({8 * kMbps, 1500, 10'000}, kStart);
  BOOST_TEST((limiter.offer(packet(1400), 1, kStart) == Verdict::passed));
  BOOST_TEST((limiter.offer(packet(1400), 2, kStart) == Verdict::waits));
  BOOST_TEST((limiter.offer(packet(20), 3, kStart) == Verdict::waits));  // though 100 B are left
  // Not even one that comes when the first could go but has not been fetched yet.
  BOOST_TEST((limiter.offer(packet(20), 4, after(milliseconds(5))) == Verdict::waits));
  for (const std::uint64_t tag : {2, 3, 4}) {
    BOOST_TEST(limiter.take(after(milliseconds(5)))->tag == tag);
  }
}

BOOST_AUTO_TEST_CASE(polices_when_nothing_may_wait) {
  BandwidthLimiter limiter({8 * kMbps, 1000, 0}, kStart);
  BOOST_TEST((limiter.offer(packet(1000), 1, kStart) == Verdict::passed));
  BOOST_TEST((limiter.offer(packet(20), 2, kStart) == Verdict::dropped));
  BOOST_TEST((limiter.offer(packet(20), 3, after(milliseconds(1))) == Verdict::passed));
}

BOOST_AUTO_TEST_CASE(lets_what_waits_go_sooner_when_the_rate_is_raised) {  // BW-04
  BandwidthLimiter limiter({8 * kMbps, 1000, 5000}, kStart);
  limiter.offer(packet(1000), 1, kStart);
  limiter.offer(packet(1000), 2, kStart);
  limiter.set({16 * kMbps, 1000, 5000}, kStart);
  BOOST_TEST((limiter.next_deadline() == after(std::chrono::microseconds(500))));
}

BOOST_AUTO_TEST_CASE(keeps_what_waits_when_the_queue_gets_smaller) {
  BandwidthLimiter limiter({8 * kMbps, 1000, 5000}, kStart);
  for (std::uint64_t tag = 1; tag <= 4; ++tag) limiter.offer(packet(1000), tag, kStart);
  limiter.set({8 * kMbps, 500, 0}, kStart);  // also a bucket smaller than what waits
  BOOST_TEST((limiter.offer(packet(20), 5, kStart) == Verdict::dropped));
  std::vector<std::uint64_t> tags;
  while (limiter.next_deadline() != kNever) {
    tags.push_back(limiter.take(limiter.next_deadline())->tag);
  }
  BOOST_TEST((tags == std::vector<std::uint64_t>{2, 3, 4}));
}

// Against a recount: every packet passes, waits or is dropped, in order, with its bytes; what
// passes in any interval is bounded. Rate and sizes change on the way.
BOOST_AUTO_TEST_CASE(accounts_for_every_packet_of_random_traffic) {
  random::Stream random(3, "traffic");
  for (int trial = 0; trial < 60; ++trial) {
    Limit limit{1 + random.below(20 * kMbps), 1500 + random.below(10'000), random.below(20'000)};
    BandwidthLimiter limiter(limit, kStart);
    std::uint64_t largest_rate = limit.bits_per_second;
    std::uint64_t largest_burst = limit.burst_bytes;
    std::deque<std::pair<std::uint64_t, Bytes>> waiting;
    std::vector<std::pair<Instant, std::uint64_t>> passed;
    std::uint64_t dropped = 0;
    Instant now = kStart;
    const auto fetch_due = [&](Instant until) {
      while (limiter.next_deadline() <= until) {
        const Instant at = std::max(now, limiter.next_deadline());
        const auto out = limiter.take(at);
        BOOST_REQUIRE(out.has_value());
        BOOST_REQUIRE(!waiting.empty());
        BOOST_REQUIRE_EQUAL(out->tag, waiting.front().first);
        BOOST_REQUIRE(std::ranges::equal(out->bytes, waiting.front().second));
        passed.emplace_back(at, out->bytes.size());
        waiting.pop_front();
      }
    };
    constexpr std::uint64_t kPackets = 600;
    for (std::uint64_t tag = 0; tag < kPackets; ++tag) {
      const Instant next = now + Duration{static_cast<std::int64_t>(random.below(2'000'000))};
      fetch_due(next);
      now = next;
      if (random.chance(0.02)) {
        limit = {1 + random.below(20 * kMbps), 1500 + random.below(10'000), random.below(20'000)};
        largest_rate = std::max(largest_rate, limit.bits_per_second);
        largest_burst = std::max(largest_burst, limit.burst_bytes);
        limiter.set(limit, now);
        fetch_due(now);
      }
      const Bytes bytes = packet(20 + random.below(1480), static_cast<std::uint8_t>(tag));
      const Verdict verdict = limiter.offer(bytes, tag, now);
      if (verdict == Verdict::passed) {
        BOOST_REQUIRE(waiting.empty());
        passed.emplace_back(now, bytes.size());
      } else if (verdict == Verdict::waits) {
        waiting.emplace_back(tag, bytes);
      } else {
        ++dropped;
      }
    }
    const LimiterCounters& c = limiter.counters();
    BOOST_TEST(c.packets_passed == passed.size());
    BOOST_TEST(c.packets_dropped == dropped);
    BOOST_TEST(c.packets_waiting == waiting.size());
    BOOST_TEST(c.packets_passed + c.packets_dropped + c.packets_waiting == kPackets);
    std::uint64_t bytes_waiting = 0;
    for (const auto& [tag, bytes] : waiting) bytes_waiting += bytes.size();
    BOOST_TEST(c.bytes_waiting == bytes_waiting);
    for (std::size_t first = 0; first < passed.size(); ++first) {
      std::uint64_t sum = 0;
      for (std::size_t last = first; last < passed.size(); ++last) {
        sum += passed[last].second;
        const auto length = (passed[last].first - passed[first].first).count();
        BOOST_REQUIRE_LE(
            sum * 8'000'000'000,
            largest_burst * 8'000'000'000 + largest_rate * static_cast<std::uint64_t>(length));
      }
    }
  }
}

// 1.5 times the rate: a third is lost once bucket and queue are used up (BW-01, BW-06).
BOOST_AUTO_TEST_CASE(loses_a_third_of_one_and_a_half_times_the_rate) {
  BandwidthLimiter limiter({8 * kMbps, 10'000, 20'000}, kStart);
  for (int i = 0; i < 15'000; ++i) {  // 1000 B every 2/3 ms: 12 Mbit/s, for 10 s
    const Instant now = after(Duration{i * 666'667LL});
    while (limiter.take(now)) {
    }
    limiter.offer(packet(1000), 0, now);
  }
  // 10 s at 1000 packets a second, 10 at first from the bucket, 20 still wait.
  BOOST_TEST(limiter.counters().packets_passed >= 10'009u);
  BOOST_TEST(limiter.counters().packets_passed <= 10'011u);
  BOOST_TEST(limiter.counters().packets_waiting >= 19u);
  BOOST_TEST(limiter.counters().packets_dropped >= 4'968u);
  BOOST_TEST(limiter.counters().packets_dropped <= 4'972u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::bandwidth
