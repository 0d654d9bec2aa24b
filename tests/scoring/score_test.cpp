// The arithmetic of a score, on results made by hand.
#include "analysis/scoring/score.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "analysis/scoring/interval.hpp"

using namespace elblab::scoring;

namespace {

ScoredRun run(std::vector<std::string> hidden, std::vector<std::string> found,
              bool nothing_wrong = false) {
  ScoredRun one;
  one.hidden = std::move(hidden);
  one.found = std::move(found);
  one.nothing_wrong = nothing_wrong;
  return one;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_single_cause_is_hit_when_it_explains_most) {
  BOOST_TEST(run({"a"}, {"a"}).is_hit());
  BOOST_TEST(run({"a"}, {"a", "b"}).is_hit());
  BOOST_TEST(!run({"a"}, {"b", "a"}).is_hit());
  BOOST_TEST(!run({"a"}, {}).is_hit());
  BOOST_TEST(!run({"a"}, {}, true).is_hit());
}

BOOST_AUTO_TEST_CASE(no_cause_is_hit_when_nothing_is_wrong) {
  BOOST_TEST(run({}, {}, true).is_hit());
  BOOST_TEST(!run({}, {}, false).is_hit());  // symptoms without a cause
  BOOST_TEST(!run({}, {"a"}).is_hit());
}

BOOST_AUTO_TEST_CASE(a_pair_is_hit_when_the_first_two_are_the_hidden_ones) {
  BOOST_TEST(run({"a", "b"}, {"b", "a"}).is_hit());
  BOOST_TEST(run({"a", "b"}, {"a", "b", "c"}).is_hit());
  BOOST_TEST(!run({"a", "b"}, {"a", "c", "b"}).is_hit());
  BOOST_TEST(!run({"a", "b"}, {"a"}).is_hit());
}

BOOST_AUTO_TEST_CASE(a_run_that_could_not_be_made_is_no_hit) {
  ScoredRun broken = run({}, {}, true);
  broken.problem = "disk full";
  BOOST_TEST(!broken.is_hit());
  BOOST_TEST(broken.top() == kNoKnownCause);
}

BOOST_AUTO_TEST_CASE(the_matrix_counts_hidden_by_diagnosed) {
  const std::vector<ScoredRun> runs{run({"a"}, {"a"}),      run({"a"}, {"a", "b"}),
                                    run({"a"}, {"b"}),      run({"b"}, {"b"}),
                                    run({"b"}, {}),         run({}, {}, true),
                                    run({}, {"a"}),         run({"a", "b"}, {"a", "b"}),
                                    run({"a", "b"}, {"b"}), run({"a", "b"}, {"c"})};
  const ConfusionMatrix matrix({"a", "b", "c"}, runs);
  BOOST_TEST((matrix.rows() == std::vector<std::string>{"a", "b", kNothingWrong}));
  BOOST_TEST(
      (matrix.columns() == std::vector<std::string>{"a", "b", kNothingWrong, kNoKnownCause}));
  BOOST_TEST(matrix.count("a", "a") == 2U);
  BOOST_TEST(matrix.count("a", "b") == 1U);
  BOOST_TEST(matrix.count("b", kNoKnownCause) == 1U);
  BOOST_TEST(matrix.count(kNothingWrong, "a") == 1U);
  BOOST_TEST(matrix.count("c", "a") == 0U);
  BOOST_TEST(matrix.runs("a") == 3U);
  BOOST_CHECK_CLOSE(matrix.recall("a"), 2.0 / 3, 1e-9);
  BOOST_CHECK_CLOSE(matrix.recall(kNothingWrong), 0.5, 1e-9);

  BOOST_TEST(tally(runs, 1).runs == 5U);
  BOOST_TEST(tally(runs, 1).hits == 3U);
  BOOST_TEST(tally(runs, 0).hits == 1U);
  BOOST_TEST(tally(runs, 2).hits == 1U);
  BOOST_TEST(misses(runs).size() == 5U);

  const auto pairs = pair_scores(runs);
  BOOST_REQUIRE_EQUAL(pairs.size(), 1U);
  BOOST_TEST(pairs[0].both == 1U);
  BOOST_TEST(pairs[0].one == 1U);
  BOOST_TEST(pairs[0].other == 1U);
}

BOOST_AUTO_TEST_CASE(no_runs_miss_nothing) {
  BOOST_TEST(tally({}, 1).share() == 1.0);
  BOOST_TEST(ConfusionMatrix({"a"}, {}).rows().empty());
  BOOST_TEST(pair_scores({}).empty());
}

// Wilson's interval solves (p - share)^2 = z^2 p (1 - p) / n: both ends are put back into that.
BOOST_AUTO_TEST_CASE(the_interval_solves_its_equation) {
  const double z = 1.959963984540054;
  for (const auto& [hits, runs] :
       {std::pair<std::size_t, std::size_t>{208, 210}, {95, 100}, {1, 3}, {50, 100}, {399, 1000}}) {
    const Interval interval = wilson(hits, runs);
    const double share = double(hits) / double(runs);
    BOOST_TEST(interval.low < share);
    BOOST_TEST(interval.high > share);
    for (const double p : {interval.low, interval.high}) {
      BOOST_CHECK_CLOSE(std::abs(p - share), z * std::sqrt(p * (1 - p) / double(runs)), 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_interval_is_sensible_at_its_ends) {
  BOOST_CHECK_CLOSE(wilson(10, 10).low, 0.7224672, 1e-3);  // 10 / (10 + z^2)
  BOOST_CHECK_CLOSE(wilson(10, 10).high, 1.0, 1e-9);
  BOOST_CHECK_SMALL(wilson(0, 10).low, 1e-9);
  BOOST_TEST(wilson(0, 0).low == 0.0);
  BOOST_TEST(wilson(0, 0).high == 1.0);
}
