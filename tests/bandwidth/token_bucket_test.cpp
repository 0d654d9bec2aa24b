#include "models/bandwidth/token_bucket.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::bandwidth {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMbps = 1'000'000;

Instant after(Duration d) { return kStart + d; }

struct Taken {
  Instant at;
  std::uint64_t bytes = 0;
};

// Every interval between two takings, by full comparison of all pairs.
bool holds_over_every_interval(const std::vector<Taken>& taken, std::uint64_t rate,
                               std::uint64_t largest_burst) {
  for (std::size_t first = 0; first < taken.size(); ++first) {
    std::uint64_t sum = 0;
    for (std::size_t last = first; last < taken.size(); ++last) {
      sum += taken[last].bytes;
      const auto length = static_cast<std::uint64_t>((taken[last].at - taken[first].at).count());
      // In 1e-9 bit; lengths and rates below keep this within 64 bits.
      if (sum * 8'000'000'000 > largest_burst * 8'000'000'000 + rate * length) return false;
    }
  }
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_bucket)

BOOST_AUTO_TEST_CASE(lets_a_full_bucket_pass_at_once_and_then_the_rate) {
  TokenBucket bucket(8 * kMbps, 3000, kStart);  // 1 B/us
  BOOST_TEST(bucket.take(1000, kStart));
  BOOST_TEST(bucket.take(2000, kStart));
  BOOST_TEST(!bucket.take(1, kStart));
  BOOST_TEST((bucket.ready_at(500) == after(microseconds(500))));
  BOOST_TEST(!bucket.take(500, after(microseconds(500) - Duration{1})));
  BOOST_TEST(bucket.take(500, after(microseconds(500))));
}

BOOST_AUTO_TEST_CASE(is_never_fuller_than_its_size) {
  TokenBucket bucket(8 * kMbps, 3000, kStart);
  BOOST_TEST(bucket.take(3000, after(hours(1))));
  BOOST_TEST(!bucket.take(1, after(hours(1))));
}

BOOST_AUTO_TEST_CASE(is_ready_exactly_when_it_says) {
  random::Stream random(1, "ready");
  for (int trial = 0; trial < 2000; ++trial) {
    TokenBucket bucket(1 + random.below(100 * kMbps), 1500 + random.below(100'000), kStart);
    Instant now = kStart;
    for (int packet = 0; packet < 20; ++packet) {
      const std::uint64_t bytes = 20 + random.below(1480);
      const Instant ready = bucket.ready_at(bytes);
      if (ready > now) BOOST_REQUIRE(!bucket.take(bytes, ready - Duration{1}));
      BOOST_REQUIRE(bucket.take(bytes, ready));
      now = ready;
    }
  }
}

BOOST_AUTO_TEST_CASE(passes_no_more_than_burst_and_rate_over_any_interval) {
  random::Stream random(2, "interval");
  for (int trial = 0; trial < 200; ++trial) {
    const std::uint64_t rate = 1 + random.below(50 * kMbps);
    const std::uint64_t burst = 1500 + random.below(20'000);
    TokenBucket bucket(rate, burst, kStart);
    std::vector<Taken> taken;
    Instant now = kStart;
    for (int step = 0; step < 300; ++step) {
      now += Duration{static_cast<std::int64_t>(random.below(1'000'000))};
      const std::uint64_t bytes = 20 + random.below(1480);
      if (bucket.take(bytes, now)) taken.push_back({now, bytes});
    }
    BOOST_REQUIRE(holds_over_every_interval(taken, rate, burst));
  }
}

// One taking per nanosecond step that a rate cannot divide: a rounded gain would drift by whole
// packets within seconds.
BOOST_AUTO_TEST_CASE(loses_and_gains_nothing_over_many_small_steps) {
  constexpr std::uint64_t kRate = 9'999'991;  // prime
  TokenBucket bucket(kRate, 1500, kStart);
  BOOST_REQUIRE(bucket.take(1500, kStart));
  std::uint64_t bytes = 0;
  Instant now = kStart;
  const Instant end = after(seconds(20));
  while (now + Duration{7'777} < end) {
    now += Duration{7'777};
    while (bucket.take(3, now)) bytes += 3;
  }
  bucket.take(1500, now);  // only to bring it to `now`
  const double exact = static_cast<double>(kRate) * to_seconds(now) / 8;
  BOOST_TEST(static_cast<double>(bytes) <= exact);
  BOOST_TEST(static_cast<double>(bytes) > exact - 3);
}

BOOST_AUTO_TEST_CASE(keeps_its_level_when_the_rate_changes) {
  TokenBucket bucket(8 * kMbps, 10'000, kStart);
  BOOST_REQUIRE(bucket.take(10'000, kStart));
  bucket.set(16 * kMbps, 10'000, after(milliseconds(1)));  // 1000 B gained so far
  BOOST_TEST(!bucket.take(1001, after(milliseconds(1))));
  BOOST_TEST(bucket.take(1000, after(milliseconds(1))));
  BOOST_TEST((bucket.ready_at(1000) == after(microseconds(1500))));
}

BOOST_AUTO_TEST_CASE(spills_what_a_smaller_burst_cannot_hold) {
  TokenBucket bucket(8 * kMbps, 10'000, kStart);
  bucket.set(8 * kMbps, 2000, kStart);
  BOOST_TEST(bucket.take(2000, kStart));
  BOOST_TEST(!bucket.take(1, kStart));
}

BOOST_AUTO_TEST_CASE(lets_a_packet_larger_than_itself_pass_on_credit) {
  TokenBucket bucket(8 * kMbps, 1000, kStart);
  BOOST_TEST(bucket.take(1500, kStart));  // 500 B of debt
  BOOST_TEST((bucket.ready_at(1500) == after(microseconds(1500))));
  BOOST_TEST(bucket.take(1500, after(microseconds(1500))));
}

BOOST_AUTO_TEST_CASE(takes_time_that_goes_back_as_standing_still) {
  TokenBucket bucket(8 * kMbps, 1000, after(seconds(1)));
  BOOST_REQUIRE(bucket.take(1000, after(seconds(1))));
  BOOST_TEST(!bucket.take(1, kStart));
  BOOST_TEST(bucket.take(1000, after(seconds(1) + milliseconds(1))));
}

BOOST_AUTO_TEST_CASE(bears_the_extremes_of_its_arguments) {
  const std::uint64_t huge = ~std::uint64_t{0};
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{1}, huge}) {
    for (const std::uint64_t burst : {std::uint64_t{0}, huge}) {
      TokenBucket bucket(rate, burst, kStart);
      bucket.take(huge, kStart);
      BOOST_TEST((bucket.ready_at(huge) >= kStart));
      bucket.take(huge, kNever);
      BOOST_TEST((bucket.ready_at(huge) <= kNever));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::bandwidth
