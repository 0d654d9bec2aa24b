// Which samples belong to a phase, and what the statistics make of them, against arithmetic.
#include "analysis/expectations/phase.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "analysis/expectations/evaluate.hpp"
#include "models/random/stream.hpp"
#include "tests/expectations/recorded_series.hpp"

namespace elblab::expectations::test {
namespace {

using language::Stat;
using trace::SeriesKind;

constexpr Stat kAll[] = {Stat::total, Stat::mean, Stat::max, Stat::min, Stat::last};

// The definition, computed anew for every window.
double by_definition(std::span<const Stretch> stretches, Stat stat, SeriesKind kind) {
  double sum = 0;
  double weighted = 0;
  double seconds = 0;
  double max = stretches.front().value;
  double min = max;
  for (const Stretch& s : stretches) {
    sum += s.value;
    weighted += s.value * to_seconds(s.length);
    seconds += to_seconds(s.length);
    max = std::max(max, s.value);
    min = std::min(min, s.value);
  }
  switch (stat) {
    case Stat::total:
      return sum;
    case Stat::mean:
      return (kind == SeriesKind::counter ? sum : weighted) / seconds;
    case Stat::max:
      return max;
    case Stat::min:
      return min;
    case Stat::last:
      return stretches.back().value;
  }
  return 0;
}

BOOST_AUTO_TEST_SUITE(phase)

// Samples at 1 … 6 s. A sample at t speaks for the second before t.
BOOST_AUTO_TEST_CASE(a_phase_is_made_of_the_samples_that_end_in_it) {
  const RecordedRun run({{"n", "c1", SeriesKind::counter, "", every(1, {1, 2, 4, 8, 16, 32})},
                         {"level", "c1", SeriesKind::gauge, "", every(1, {1, 2, 4, 8, 16, 32})}});
  const auto total = [&](double from, Instant to) {
    return statistic(run.reader(), {"n", "c1"}, Stat::total, at(from), to);
  };
  BOOST_TEST(*total(0, kNever) == 63);
  BOOST_TEST(*total(2, kNever) == 60);     // 3 s … 6 s
  BOOST_TEST(*total(2, at(4)) == 12);      // 3 s and 4 s
  BOOST_TEST(*total(2.5, at(4.5)) == 12);  // the same whole samples
  BOOST_TEST(!total(4.2, at(4.8)).has_value());
  BOOST_TEST(*total(2, at(4)) + *total(4, at(6)) == *total(2, at(6)));
  const auto max = [&](double from, double to) {
    return *statistic(run.reader(), {"level", "c1"}, Stat::max, at(from), at(to));
  };
  BOOST_TEST(max(0, 6) == 32);
  BOOST_TEST(max(1, 3) == 4);
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::last, kStart, at(5)) == 16);
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::min, at(2), kNever) == 4);
}

BOOST_AUTO_TEST_CASE(a_counters_mean_is_a_rate_over_the_time_the_samples_speak_for) {
  // The last sample is a partial one: 10 in 2.5 s.
  std::vector<trace::Point> samples{{at(1), 4}, {at(2), 4}, {at(2.5), 2}};
  const RecordedRun run({{"n", "c1", SeriesKind::counter, "", samples}});
  BOOST_TEST(*statistic(run.reader(), {"n", "c1"}, Stat::mean, kStart, kNever) == 4.0);
  BOOST_TEST(*statistic(run.reader(), {"n", "c1"}, Stat::mean, at(1), kNever) == 4.0);
}

BOOST_AUTO_TEST_CASE(a_gauges_mean_is_weighted_by_time) {
  std::vector<trace::Point> samples{{at(1), 10}, {at(2), 20}, {at(2.5), 40}};
  const RecordedRun run({{"level", "c1", SeriesKind::gauge, "", samples}});
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::mean, kStart, kNever) == 50.0 / 2.5);
}

BOOST_AUTO_TEST_CASE(a_sample_at_the_start_counts_from_the_start_and_for_no_time) {
  std::vector<trace::Point> samples{{at(0), 7}, {at(1), 1}, {at(2), 1}};
  const RecordedRun run({{"n", "c1", SeriesKind::counter, "", samples},
                         {"level", "c1", SeriesKind::gauge, "", samples}});
  BOOST_TEST(*statistic(run.reader(), {"n", "c1"}, Stat::total, kStart, kNever) == 9);
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::max, kStart, kNever) == 7);
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::mean, kStart, kNever) == 1);
  BOOST_TEST(*statistic(run.reader(), {"level", "c1"}, Stat::mean, kStart, at(0.5)) == 7);
}

BOOST_AUTO_TEST_CASE(two_samples_of_one_instant_are_one) {
  // A run that ends on a tick samples twice there.
  std::vector<trace::Point> samples{{at(1), 5}, {at(2), 3}, {at(2), 4}};
  const RecordedRun run({{"n", "c1", SeriesKind::counter, "", samples},
                         {"level", "c1", SeriesKind::gauge, "", samples}});
  const auto counter =
      read_phase(run.reader(), *run.reader().find_series("n", "c1"), at(1), kNever);
  BOOST_REQUIRE_EQUAL(counter.size(), 1U);
  BOOST_TEST(counter[0].value == 7);
  BOOST_TEST((counter[0].length == std::chrono::seconds(1)));
  const auto gauge =
      read_phase(run.reader(), *run.reader().find_series("level", "c1"), at(1), kNever);
  BOOST_REQUIRE_EQUAL(gauge.size(), 1U);
  BOOST_TEST(gauge[0].value == 4);
}

BOOST_AUTO_TEST_CASE(sliding_windows_equal_a_computation_of_each_window) {
  random::Stream stream(1, "windows");
  for (int round = 0; round < 40; ++round) {
    std::vector<Stretch> phase;
    Instant end = kStart;
    const std::size_t count = 1 + stream.below(200);
    for (std::size_t i = 0; i < count; ++i) {
      const Duration length(1'000'000 + static_cast<std::int64_t>(stream.below(2'000'000'000)));
      end += length;
      phase.push_back({end, length, std::floor(stream.normal(0, 50))});
    }
    const std::size_t window = 1 + stream.below(count + 3);
    for (const Stat stat : kAll) {
      for (const SeriesKind kind : {SeriesKind::counter, SeriesKind::gauge}) {
        const auto values = sliding_statistic(phase, window, stat, kind);
        BOOST_REQUIRE_EQUAL(values.size(), window > count ? 0 : count - window + 1);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const double expected = by_definition(std::span(phase).subspan(i, window), stat, kind);
          BOOST_REQUIRE_SMALL(values[i] - expected, 1e-7 * std::max(1.0, std::abs(expected)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_has_no_statistic) {
  const RecordedRun run({{"level", "c1", SeriesKind::gauge, "", every(1, {1, 2})}});
  BOOST_TEST(!statistic(run.reader(), {"level", "c2"}, Stat::max, kStart, kNever).has_value());
  BOOST_TEST(!statistic(run.reader(), {"other", "c1"}, Stat::max, kStart, kNever).has_value());
  BOOST_TEST(!statistic(run.reader(), {"level", "c1"}, Stat::total, kStart, kNever).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::expectations::test
