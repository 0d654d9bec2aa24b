// Bounds: what a difference is held against.
#include "analysis/comparison/bounds.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "models/telemetry/measures.hpp"

namespace elblab::comparison {

BOOST_AUTO_TEST_SUITE(bounds)

BOOST_AUTO_TEST_CASE(a_large_figure_is_bound_by_its_share_and_a_small_one_by_a_handful) {
  const Allowance common;
  BOOST_TEST(bound_of(common, 0.05, 28232, 28000, false) == 0.05 * 28232);
  BOOST_TEST(bound_of(common, 0.05, 5, 7, false) == 5);
  BOOST_TEST(bound_of(common, 0.05, 0, 0, false) == 5);
}

BOOST_AUTO_TEST_CASE(a_bound_does_not_depend_on_which_trace_comes_first) {
  const Allowance noisy{"retransmissions", 5, 1, 3, "chance"};
  for (const auto& allowance : {Allowance{}, noisy}) {
    BOOST_TEST(bound_of(allowance, 0.05, 3, 900, true) == bound_of(allowance, 0.05, 900, 3, true));
  }
}

BOOST_AUTO_TEST_CASE(counts_of_chance_may_differ_by_three_standard_deviations) {
  // Two Poisson counts around 200 have a difference of variance 400.
  BOOST_TEST(sampling_noise(200, 200) == 60);
  BOOST_TEST(bound_of(Allowance{}, 0.05, 200, 200, true) == 60);
  BOOST_TEST(bound_of(Allowance{}, 0.05, 200, 200, false) == 10);
}

// ST-05 overflow, repeated requests of connections that the server does not know: 44 sent one
// again, 22 two and 76 three, 316 in all; live 39, 32 and 86, 361 in all. The variance of such a
// count is the sum of the squares.
BOOST_AUTO_TEST_CASE(what_is_repeated_up_to_three_times_varies_by_more_than_what_comes_alone) {
  const double squares = 44 + 22 * 4 + 76 * 9 + 39 + 32 * 4 + 86 * 9;
  const double noise = sampling_noise(316, 361, allowance_of("retransmissions").of_one_chance);
  BOOST_TEST(noise >= 3 * std::sqrt(squares));
  BOOST_TEST(noise <= 1.1 * 3 * std::sqrt(squares));
  BOOST_TEST(sampling_noise(316, 361) < 0.65 * 3 * std::sqrt(squares));
}

BOOST_AUTO_TEST_CASE(a_rate_is_bound_as_the_count_it_comes_from) {
  // 5 connections more or less in 50 s are 0.1/s.
  BOOST_TEST(bound_of(Allowance{}, 0.05, 1, 1, false, 50) == 0.1);
  BOOST_TEST(bound_of(Allowance{}, 0.05, 4, 4, true, 50) == 60.0 / 50);
}

BOOST_AUTO_TEST_CASE(a_tolerance_scales_every_share) {
  const Bounds common;
  const Bounds twice = Bounds::of_tolerance(2 * common.figure);
  BOOST_CHECK_CLOSE_FRACTION(twice.figure, 2 * common.figure, 1e-12);
  BOOST_CHECK_CLOSE_FRACTION(twice.series, 2 * common.series, 1e-12);
  BOOST_CHECK_CLOSE_FRACTION(twice.outcomes, 2 * common.outcomes, 1e-12);
  BOOST_CHECK_CLOSE_FRACTION(twice.decisions, 2 * common.decisions, 1e-12);
}

BOOST_AUTO_TEST_CASE(every_measure_with_a_bound_of_its_own_says_why_and_the_others_have_none) {
  for (const auto& measure : telemetry::measures()) {
    const Allowance& allowance = allowance_of(measure.name);
    BOOST_TEST(allowance.reason.empty() == allowance.measure.empty(), measure.name);
  }
  BOOST_TEST(!allowance_of("response_time").reason.empty());
  BOOST_TEST(allowance_of("connected").reason.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::comparison
