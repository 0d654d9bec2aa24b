// Judges expectations on a trace.
//
// A sample at t speaks for the time since the sample before it, so it belongs to the phase
// [from, to) when from < t <= to: with samples every second, the phase from 60 s to 120 s is made
// of the 60 samples at 61 s … 120 s. The increments of the last second before `to` count, those of
// the last second before `from` do not; the same for gauges. A counter's mean is the increments
// divided by the time the samples speak for; a gauge's mean is weighted by that time. Nothing is
// interpolated: a phase that begins or ends between two samples is made of the whole samples that
// end in it.
//
// Only complete traces are judged: a run that was cut off shows nothing.
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
  // The value compared (with relative_to: the quotient). With a sliding window, the value of the
  // worst window (the farthest beyond a bound, or the closest to one), and the range over all.
  double measured = 0;
  std::optional<double> measured_low;
  std::optional<double> measured_high;
  std::string problem;  // why it could not be evaluated ("no such series"); holds is false then
  // As a person reads them: "mean 470.4/s", "470.5 ± 5 %".
  std::string measured_text;
  std::string expected_text;
};

// `reference` is the trace of the run named by relative_to; nullptr where none is named.
// A window is a whole number of samples (its length over the run's sample interval, rounded) and
// lies inside the phase; every position sample by sample is judged, in time linear in the samples.
// With relative_to, each window is divided by the same window of the reference. Inclusive bounds
// allow for rounding, 1e-9 of the value.
Verdict evaluate(const language::Expectation& expectation, const trace::Reader& trace,
                 const trace::Reader* reference);

// One statistic of a measure over the phase [from, to); nullopt when the series does not exist, has
// no sample in the phase, or is a gauge asked for its total.
std::optional<double> statistic(const trace::Reader& trace, const language::Measure& measure,
                                language::Stat stat, Instant from, Instant to);

// Replaces each "{<stat> <measure>}" by its value over the whole run, "{max time_wait(c1)}" by
// "28,232", without a unit; unknown ones stay as they are.
std::string fill_placeholders(const std::string& text, const trace::Reader& trace);

}  // namespace elblab::expectations
