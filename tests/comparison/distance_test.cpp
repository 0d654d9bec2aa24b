// Distances between two series: what they must be like whatever the series, and their values
// against a recomputation straight from the definition.
#include "analysis/comparison/distance.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::comparison {
namespace {

using trace::Point;
using Points = std::vector<Point>;

constexpr Duration kShift = std::chrono::milliseconds(1500);
constexpr double kNoBound = 1e300;

Instant at(double seconds) { return Instant(from_seconds(seconds)); }

Points every_second(const std::vector<double>& values) {
  Points points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    points.push_back({at(static_cast<double>(i + 1)), values[i]});
  }
  return points;
}

// Samples at irregular moments, values 0 … 20.
Points random_points(random::Stream& chance, std::size_t count) {
  Points points;
  Instant when = kStart;
  for (std::size_t i = 0; i < count; ++i) {
    when += std::chrono::milliseconds(1 + static_cast<std::int64_t>(chance.next() % 3000));
    points.push_back({when, static_cast<double>(chance.next() % 21)});
  }
  return points;
}

Points later(Points points, Duration by) {
  for (Point& point : points) point.at += by;
  return points;
}

double sum_until(const Points& points, Instant when) {
  double sum = 0;
  for (const Point& point : points) sum += point.at <= when ? point.value : 0;
  return sum;
}

// sup over t of A(t) - B(t + shift), over every moment at which either side can change.
double counter_gap_by_definition(const Points& a, const Points& b) {
  double gap = 0;
  const auto look = [&](Instant t) {
    gap = std::max(gap, sum_until(a, t) - sum_until(b, t + kShift));
    gap = std::max(gap, sum_until(b, t) - sum_until(a, t + kShift));
  };
  for (const Points* points : {&a, &b}) {
    for (const Point& point : *points) {
      look(point.at);
      look(point.at - kShift);
      look(point.at - kShift - Duration(1));
    }
  }
  return gap;
}

double outside(const Point& point, const Points& others) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const Point& other : others) {
    const auto apart = other.at > point.at ? other.at - point.at : point.at - other.at;
    if (apart > kShift) continue;
    low = std::min(low, other.value);
    high = std::max(high, other.value);
  }
  if (low > high) return -1;  // nothing near by
  return std::max({0.0, low - point.value, point.value - high});
}

// One direction; -1 when a sample has nothing near by (the definition leaves that open).
double gauge_excess_by_definition(const Points& a, const Points& b) {
  double area = 0;
  Instant previous = kStart;
  for (const Point& point : a) {
    const double size = outside(point, b);
    if (size < 0) return -1;
    area += size * to_seconds(point.at - previous);
    previous = point.at;
  }
  return area / to_seconds(previous - kStart);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(distance)

BOOST_AUTO_TEST_CASE(equal_series_are_0_apart_and_never_exceed_a_bound_of_0) {
  random::Stream chance(1, "equal");
  for (int round = 0; round < 50; ++round) {
    const Points points = random_points(chance, 40);
    for (const auto gap_of : {counter_gap, gauge_gap}) {
      const Gap gap = gap_of(points, points, kShift, 0);
      BOOST_TEST(gap.size == 0);
      BOOST_TEST((gap.exceeds_at == kNever));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_distance_is_the_same_in_both_directions) {
  random::Stream chance(2, "symmetric");
  for (int round = 0; round < 200; ++round) {
    const Points a = random_points(chance, chance.next() % 40);
    const Points b = random_points(chance, chance.next() % 40);
    for (const auto gap_of : {counter_gap, gauge_gap}) {
      const Gap there = gap_of(a, b, kShift, 3);
      const Gap back = gap_of(b, a, kShift, 3);
      BOOST_TEST(there.size == back.size);
      BOOST_TEST((there.exceeds_at == back.exceeds_at));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_counters_gap_is_that_of_the_definition) {
  random::Stream chance(3, "counter");
  for (int round = 0; round < 200; ++round) {
    const Points a = random_points(chance, chance.next() % 30);
    const Points b = random_points(chance, chance.next() % 30);
    BOOST_TEST(counter_gap(a, b, kShift, kNoBound).size == counter_gap_by_definition(a, b));
  }
}

BOOST_AUTO_TEST_CASE(a_gauges_gap_is_that_of_the_definition) {
  random::Stream chance(4, "gauge");
  int compared = 0;
  for (int round = 0; round < 400; ++round) {
    const Points a = random_points(chance, 1 + chance.next() % 6);
    const Points b = random_points(chance, 1 + chance.next() % 6);
    const double one_way = gauge_excess_by_definition(a, b);
    const double other_way = gauge_excess_by_definition(b, a);
    if (one_way < 0 || other_way < 0) continue;
    ++compared;
    BOOST_CHECK_CLOSE_FRACTION(1 + gauge_gap(a, b, kShift, kNoBound).size,
                               1 + std::max(one_way, other_way), 1e-9);
  }
  BOOST_TEST(compared > 50);
}

BOOST_AUTO_TEST_CASE(being_up_to_the_shift_late_costs_nothing) {
  const Points step = every_second({0, 0, 0, 100, 100, 100, 100, 100});
  for (const double late : {0.003, 0.5, 1.0, 1.5}) {
    const Points moved = later(step, from_seconds(late));
    BOOST_TEST(counter_gap(step, moved, kShift, 0).size == 0);
    BOOST_TEST(gauge_gap(step, moved, kShift, 0).size == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_counter_late_by_less_than_the_shift_is_behind_only_by_what_it_never_does) {
  // The run ends before the late one has done its last second.
  const Points a = every_second({10, 10, 10, 10});
  const Points b = every_second({0, 10, 10, 10});
  BOOST_TEST(counter_gap(a, b, kShift, kNoBound).size == 10);
  BOOST_TEST(counter_gap(every_second({10, 10, 10, 0}), b, kShift, kNoBound).size == 0);
}

BOOST_AUTO_TEST_CASE(moving_a_rising_series_further_away_never_brings_it_nearer) {
  random::Stream chance(5, "moved");
  for (int round = 0; round < 50; ++round) {
    const Points counter = random_points(chance, 30);
    Points level = counter;
    for (std::size_t i = 1; i < level.size(); ++i) level[i].value += level[i - 1].value;
    double counter_before = 0;
    double level_before = 0;
    for (int tenths = 0; tenths <= 100; tenths += 5) {
      const Duration by = std::chrono::milliseconds(100 * tenths);
      const double counter_now = counter_gap(counter, later(counter, by), kShift, kNoBound).size;
      BOOST_TEST(counter_now >= counter_before);
      counter_before = counter_now;
      // Sampled at the same moments, as two runs are.
      Points moved = level;
      for (Point& point : moved) {
        const Instant asked = point.at - by;
        double value = 0;
        for (const Point& p : level) value = p.at <= asked ? p.value : value;
        point.value = value;
      }
      const double level_now = gauge_gap(level, moved, kShift, kNoBound).size;
      BOOST_TEST(level_now >= level_before - 1e-9);
      level_before = level_now;
    }
    BOOST_TEST(counter_before > 0);
    BOOST_TEST(level_before > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_counter_off_by_a_factor_is_off_by_the_difference_of_its_totals) {
  const Points a = every_second(std::vector<double>(100, 10));
  const Points b = every_second(std::vector<double>(100, 9));
  const Gap gap = counter_gap(a, b, kShift, kNoBound);
  BOOST_TEST(gap.size == 100);
  BOOST_TEST((gap.widest_at == at(100)));
  BOOST_TEST(gap.widest_a == 1000);
  BOOST_TEST(gap.widest_b == 900);
}

BOOST_AUTO_TEST_CASE(a_gap_says_when_the_bound_was_first_exceeded) {
  const Points a = every_second({5, 5, 5, 5, 5, 5, 5});
  const Points b = every_second({5, 5, 5, 65, 65, 5, 5});
  BOOST_TEST((gauge_gap(a, b, kShift, 10).exceeds_at == at(4)));
  BOOST_TEST((gauge_gap(a, b, kShift, 60).exceeds_at == kNever));
  // The counter's sums: 20 and 80 at 4 s; within 1.5 s the first gets to 25.
  BOOST_TEST((counter_gap(a, b, kShift, 54).exceeds_at == at(4)));
  BOOST_TEST((counter_gap(a, b, kShift, 55).exceeds_at == at(5)));
}

BOOST_AUTO_TEST_CASE(a_single_odd_level_weighs_by_the_time_it_stands_for) {
  std::vector<double> values(100, 7);
  const Points a = every_second(values);
  values[50] = 107;
  const Points b = every_second(values);
  // 100 too much during 1 of 100 seconds.
  BOOST_CHECK_CLOSE_FRACTION(gauge_gap(a, b, kShift, kNoBound).size, 1.0, 1e-9);
}

BOOST_AUTO_TEST_CASE(against_nothing_a_series_is_all_gap) {
  const Points a = every_second({3, 3, 3});
  BOOST_TEST(counter_gap(a, {}, kShift, kNoBound).size == 9);
  BOOST_CHECK_CLOSE_FRACTION(gauge_gap({}, a, kShift, kNoBound).size, 3.0, 1e-9);
  BOOST_TEST(counter_gap({}, {}, kShift, 0).size == 0);
  BOOST_TEST(gauge_gap({}, {}, kShift, 0).size == 0);
}

// 199 answers as fast as the other's, and one of 52 ms in a second of its own: (52 - 8) / 200.
BOOST_AUTO_TEST_CASE(of_a_mean_each_answer_weighs_the_same) {
  const Points a = every_second({8, 8, 8});
  const Points b = every_second({8, 8, 52});
  const std::vector<double> answers_a{100, 99, 1};
  const std::vector<double> answers_b{100, 99, 1};
  const Gap gap = mean_gap(a, answers_a, b, answers_b, kShift, 15);
  BOOST_CHECK_CLOSE_FRACTION(gap.size, 44.0 / 200, 1e-9);
  BOOST_TEST((gap.exceeds_at == at(3)));
  // All answers in the slow second.
  const std::vector<double> once{0, 0, 200};
  BOOST_CHECK_CLOSE_FRACTION(mean_gap(a, once, b, once, kShift, 15).size, 44.0, 1e-9);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::comparison
