// Judges expectations on a trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::expectations {

struct Verdict {
  language::Expectation expectation;
  bool holds = false;
  // The value compared. With a sliding window, the worst window's value, and the range over all.
  double measured = 0;
  std::optional<double> measured_low;
  std::optional<double> measured_high;
  std::string problem;  // why it could not be evaluated ("no such series"); holds is false then
  // As a person reads them: "mean 470.4/s", "470.5 ± 5 %".
  std::string measured_text;
  std::string expected_text;
};

// `reference` is the trace of the run named by relative_to; nullptr where none is named.
// Windows are whole numbers of samples; samples at or after `to` do not count.
Verdict evaluate(const language::Expectation& expectation, const trace::Reader& trace,
                 const trace::Reader* reference);

// One statistic of a measure over [from, to); nullopt when the series does not exist.
std::optional<double> statistic(const trace::Reader& trace, const language::Measure& measure,
                                language::Stat stat, Instant from, Instant to);

// Replaces each "{<stat> <measure>}" by its value; unknown ones stay as they are.
std::string fill_placeholders(const std::string& text, const trace::Reader& trace);

}  // namespace elblab::expectations
