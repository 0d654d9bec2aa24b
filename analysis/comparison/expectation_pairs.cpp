#include "analysis/comparison/expectation_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace elblab::comparison {
namespace {

using expectations::Verdict;
using language::Expectation;
using language::Stat;

// Without the run it refers to, the figure alone: every value satisfies it.
Expectation unjudged(Expectation expectation) {
  expectation.expected_text = "relative to " + expectation.relative_to;
  expectation.relative_to.clear();
  expectation.low = -std::numeric_limits<double>::max();
  expectation.high.reset();
  return expectation;
}

// What a count is divided by to give the figure: seconds for a counter's mean, else 1.
double divisor_of(const Expectation& expectation, const trace::Reader& trace) {
  if (expectation.stat != Stat::mean) return 1;
  const auto series = trace.find_series(expectation.measure.name, expectation.measure.object);
  if (!series || series->kind == trace::SeriesKind::gauge) return 1;
  if (expectation.window) return std::max(to_seconds(*expectation.window), 1e-9);
  const Instant to = std::min(expectation.to, trace.end_of_run());
  return std::max(to_seconds(to) - to_seconds(expectation.from), 1e-9);
}

double larger_size(double a, double b) { return std::abs(a) >= std::abs(b) ? a : b; }

double difference_of(const Verdict& a, const Verdict& b) {
  if (!a.measured_low || !b.measured_low) return b.measured - a.measured;
  return larger_size(*b.measured_low - *a.measured_low, *b.measured_high - *a.measured_high);
}

}  // namespace

std::vector<ExpectationPair> compare_expectations(const trace::Reader& a, const trace::Reader& b,
                                                  const std::vector<Expectation>& expectations,
                                                  double share, bool other_chances) {
  std::vector<ExpectationPair> pairs;
  for (const Expectation& expectation : expectations) {
    ExpectationPair pair;
    pair.judged = expectation.relative_to.empty();
    const Expectation asked = pair.judged ? expectation : unjudged(expectation);
    pair.a = expectations::evaluate(asked, a, nullptr);
    pair.b = expectations::evaluate(asked, b, nullptr);
    if (pair.a.problem.empty() && pair.b.problem.empty()) {
      pair.difference = difference_of(pair.a, pair.b);
      pair.bound = bound_of(allowance_of(expectation.measure.name), share, pair.a.measured,
                            pair.b.measured, other_chances, divisor_of(expectation, a));
      pair.within = std::abs(pair.difference) <= pair.bound && pair.a.holds == pair.b.holds;
    } else {
      // What neither trace can answer does not tell them apart.
      pair.within = pair.a.problem == pair.b.problem;
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace elblab::comparison
