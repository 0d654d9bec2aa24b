#include "analysis/comparison/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "analysis/comparison/expectation_pairs.hpp"
#include "analysis/comparison/first_difference.hpp"
#include "analysis/comparison/outcomes.hpp"
#include "analysis/comparison/series_differences.hpp"
#include "analysis/expectations/text.hpp"

namespace elblab::comparison {
namespace {

using expectations::number_text;
using trace::Reader;

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(' ');
  return first == std::string::npos ? "nothing" : line.substr(first);
}

// Comments begin at the first column: they name the run, which has a note of its own.
std::string without_comments(const std::string& yaml) {
  std::istringstream lines(yaml);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) result += line + "\n";
  }
  return result;
}

// The first line in which two texts part; empty when they do not.
std::string different_line(const std::string& a, const std::string& b) {
  std::istringstream left(a);
  std::istringstream right(b);
  for (std::string line_a, line_b; left || right;) {
    line_a.clear();
    line_b.clear();
    std::getline(left, line_a);
    std::getline(right, line_b);
    if (line_a != line_b) return fmt::format("'{}' and '{}'", trimmed(line_a), trimmed(line_b));
  }
  return {};
}

std::string why_not(const Reader& a, const Reader& b) {
  const auto& left = a.metadata();
  const auto& right = b.metadata();
  if (left.scenario != right.scenario) {
    return fmt::format(
        "these are traces of two scenarios, {} and {}; only traces of one can be compared",
        left.scenario, right.scenario);
  }
  for (const auto& [trace, which] : {std::pair{&a, "first"}, {&b, "second"}}) {
    if (!trace->complete()) {
      return fmt::format(
          "the {} trace is incomplete: its run goes on, or was cut off; run it again", which);
    }
  }
  return {};
}

std::vector<std::string> notes_on(const Reader& a, const Reader& b) {
  const auto& left = a.metadata();
  const auto& right = b.metadata();
  std::vector<std::string> notes;
  if (left.run != right.run) {
    notes.push_back(fmt::format("two runs of the scenario: '{}' and '{}'", left.run, right.run));
  }
  const std::string setup =
      different_line(without_comments(left.effective_yaml), without_comments(right.effective_yaml));
  if (!setup.empty()) {
    notes.push_back(fmt::format("the runs were set up differently, first in: {}", setup));
  }
  if (left.seed != right.seed) {
    notes.push_back(fmt::format("two seeds, {} and {}: every count may differ by sampling noise",
                                left.seed, right.seed));
  }
  return notes;
}

template <class Differences>
std::size_t count_beyond(const Differences& differences) {
  return static_cast<std::size_t>(std::count_if(differences.begin(), differences.end(),
                                                [](const auto& d) { return !d.within; }));
}

std::string parting_of(const std::vector<SeriesDifference>& series) {
  const SeriesDifference* first = nullptr;
  for (const auto& difference : series) {
    if (difference.within) continue;
    if (first == nullptr || difference.parts_at < first->parts_at) first = &difference;
  }
  if (first == nullptr || first->parts_at == kNever) return {};
  return fmt::format("{} is beyond its bound from {} s on; widest at {} s: {} and {}",
                     first->measure, number_text(to_seconds(first->parts_at)),
                     number_text(to_seconds(first->widest_at)), number_text(first->widest_a),
                     number_text(first->widest_b));
}

}  // namespace

std::string_view to_string(Agreement agreement) {
  switch (agreement) {
    case Agreement::identical:
      return "identical";
    case Agreement::equivalent:
      return "equivalent";
    case Agreement::different:
      return "different";
  }
  return "";
}

std::size_t Comparison::beyond_bounds() const {
  return count_beyond(expectations) + count_beyond(series) + count_beyond(outcomes) +
         count_beyond(decisions);
}

Expected<Comparison> compare(const Reader& a, const Reader& b,
                             const std::vector<language::Expectation>& expectations,
                             const Bounds& bounds) {
  if (const std::string why = why_not(a, b); !why.empty()) return Error{why};
  Comparison comparison;
  comparison.notes = notes_on(a, b);
  const bool other_chances = a.metadata().seed != b.metadata().seed;
  comparison.expectations = compare_expectations(a, b, expectations, bounds.figure, other_chances);
  comparison.series = compare_series(a, b, bounds.series, other_chances);
  comparison.outcomes = compare_outcomes(a, b, bounds.outcomes, other_chances);
  const trace::Decisions decisions_a = a.decisions();
  const trace::Decisions decisions_b = b.decisions();
  comparison.decisions =
      compare_decisions(decisions_a, decisions_b, bounds.decisions, other_chances);
  comparison.order = compare_order(decisions_a, decisions_b);
  comparison.parting = parting_of(comparison.series);
  const auto first = first_difference(a, b);
  if (a.metadata().world == b.metadata().world) comparison.first_difference = first.value_or("");
  for (const Reader* trace : {&a, &b}) {
    if (auto damage = trace->problem()) return *damage;
  }
  comparison.agreement = !first                            ? Agreement::identical
                         : comparison.beyond_bounds() == 0 ? Agreement::equivalent
                                                           : Agreement::different;
  return comparison;
}

}  // namespace elblab::comparison
