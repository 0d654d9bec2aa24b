// Ticks are at round numbers, their labels are different and fit.
#include "analysis/reports/axis.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <set>

namespace elblab::reports {
namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> result;
  for (const Tick& tick : axis.ticks()) result.push_back(tick.label);
  return result;
}

void check(const Axis& axis, const std::vector<std::string>& expected) {
  BOOST_TEST(labels(axis) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(axis)

BOOST_AUTO_TEST_CASE(values_have_steps_of_one_two_or_five) {
  check(Axis::of_values(0, 28'232, 4), {"0", "10k", "20k", "30k"});
  check(Axis::of_values(0, 470.5, 4), {"0", "200", "400", "600"});
  check(Axis::of_values(0, 0.3, 4), {"0", "0.1", "0.2", "0.3"});
  check(Axis::of_values(0, 1, 4), {"0", "0.5", "1"});
  check(Axis::of_values(-3, 3, 4), {"-4", "-2", "0", "2", "4"});
  check(Axis::of_values(0, 12e6, 4), {"0", "5M", "10M", "15M"});
  check(Axis::of_values(0, 12'000, 5), {"0", "5k", "10k", "15k"});
}

BOOST_AUTO_TEST_CASE(time_has_whole_seconds_and_minutes) {
  check(Axis::of_time(0, 300, 8), {"0", "1 min", "2 min", "3 min", "4 min", "5 min"});
  check(Axis::of_time(0, 60, 8), {"0", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"});
  check(Axis::of_time(0, 5, 8), {"0", "1 s", "2 s", "3 s", "4 s", "5 s"});
  check(Axis::of_time(0, 0.4, 4), {"0", "0.1 s", "0.2 s", "0.3 s", "0.4 s"});
  check(Axis::of_time(0, 86'400, 8), {"0", "6 h", "12 h", "18 h", "24 h"});
}

BOOST_AUTO_TEST_CASE(of_any_range_the_axis_covers_it_with_few_different_labels) {
  for (double high = 1e-6; high < 1e12; high *= 1.7) {
    const Axis values = Axis::of_values(0, high, 4);
    BOOST_TEST(values.low() == 0);
    BOOST_TEST(values.high() >= high * (1 - 1e-9));
    BOOST_TEST(values.ticks().size() >= 2U);
    BOOST_TEST(values.ticks().size() <= 6U);
    const auto texts = labels(values);
    BOOST_TEST(std::set<std::string>(texts.begin(), texts.end()).size() == texts.size());
    const Axis time = Axis::of_time(0, high, 8);
    BOOST_TEST(time.ticks().size() <= 10U);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_range_is_an_axis_all_the_same) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double high : {0.0, -1.0, infinity, std::nan("")}) {
    BOOST_TEST(Axis::of_values(0, high, 4).high() >= 1);
    BOOST_TEST(!Axis::of_time(0, high, 4).ticks().empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::reports
