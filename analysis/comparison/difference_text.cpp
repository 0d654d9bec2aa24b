#include "analysis/comparison/difference_text.hpp"

#include <fmt/format.h>

#include "analysis/expectations/text.hpp"

namespace elblab::comparison {
namespace {

using expectations::count_text;
using expectations::number_text;

std::string side(const expectations::Verdict& verdict, bool judged) {
  if (!verdict.problem.empty()) return verdict.problem;
  return verdict.measured_text + (judged && !verdict.holds ? " (fails)" : "");
}

std::string text_of(const ExpectationPair& pair) {
  return fmt::format("expectation {}: {} | {}, apart {} of {}",
                     pair.a.expectation.measure.to_string(), side(pair.a, pair.judged),
                     side(pair.b, pair.judged), number_text(pair.difference),
                     number_text(pair.bound));
}

std::string text_of(const SeriesDifference& series) {
  return fmt::format("series {}: {} | {}, gap {} of {}{}", series.measure, number_text(series.a),
                     number_text(series.b), number_text(series.gap), number_text(series.bound),
                     series.only_in.empty() ? "" : ", only in " + series.only_in);
}

std::string text_of(const OutcomeDifference& outcome) {
  return fmt::format("outcome {} {} {}: {} | {}, bound {}", outcome.object, outcome.role,
                     outcome.reason, count_text(outcome.a), count_text(outcome.b),
                     number_text(outcome.bound));
}

std::string text_of(const DecisionDifference& decision) {
  return fmt::format("share of {}: {:.2f} % | {:.2f} %, bound {:.2f} %", decision.server,
                     100 * decision.share_a, 100 * decision.share_b, 100 * decision.bound);
}

template <class Difference>
void add(std::vector<std::string>& lines, const std::vector<Difference>& differences) {
  for (const auto& difference : differences) {
    if (!difference.within) lines.push_back(text_of(difference));
  }
}

}  // namespace

std::vector<std::string> differences_of(const Comparison& comparison) {
  std::vector<std::string> lines;
  add(lines, comparison.expectations);
  add(lines, comparison.series);
  add(lines, comparison.outcomes);
  add(lines, comparison.decisions);
  return lines;
}

}  // namespace elblab::comparison
