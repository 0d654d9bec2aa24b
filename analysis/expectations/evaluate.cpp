#include "analysis/expectations/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analysis/expectations/phase.hpp"
#include "analysis/expectations/text.hpp"

namespace elblab::expectations {
namespace {

using language::Expectation;
using language::Stat;

// What stands between two doubles that were computed by different ways and mean the same.
constexpr double kRounding = 1e-9;

// The values to compare (one, or one per window), or why there are none.
struct Values {
  std::vector<double> values;
  std::string problem;
  trace::SeriesInfo series;
};

Values no_values(std::string problem) { return {{}, std::move(problem), {}}; }

std::string phase_text(Instant from, Instant to) {
  const std::string start = duration_text(from.time_since_epoch());
  if (to == kNever) return fmt::format("from {} on", start);
  return fmt::format("between {} and {}", start, duration_text(to.time_since_epoch()));
}

// "no series time_wait(c9) in the trace; there is time_wait(c1), time_wait(c2)"
std::string no_such_series(const trace::Reader& trace, const language::Measure& measure) {
  constexpr std::size_t kShown = 5;
  std::string others;
  std::size_t count = 0;
  for (const trace::SeriesInfo& series : trace.series()) {
    if (series.name != measure.name) continue;
    if (++count > kShown) {
      others += ", …";
      break;
    }
    others += (others.empty() ? "" : ", ") + series.name + "(" + series.object + ")";
  }
  std::string text = "no series " + measure.to_string() + " in the trace";
  return others.empty() ? text : text + "; there is " + others;
}

// Windows are whole numbers of samples: of the run's interval, or of the phase's first where the
// trace does not say.
std::size_t samples_per_window(Duration window, const trace::Reader& trace,
                               std::span<const Stretch> phase) {
  Duration interval = trace.metadata().sample_interval;
  if (interval <= Duration(0)) interval = phase.front().length;
  if (interval <= Duration(0)) return 1;
  const auto samples = (window.count() + interval.count() / 2) / interval.count();
  return static_cast<std::size_t>(std::max<std::int64_t>(samples, 1));
}

Values windows(const Expectation& e, const trace::Reader& trace, std::span<const Stretch> phase,
               const trace::SeriesInfo& series) {
  // A sample at the start of the run speaks for no time and is part of no window.
  if (phase.front().length == Duration(0)) phase = phase.subspan(1);
  if (phase.empty()) return no_values("no sample speaks for any time " + phase_text(e.from, e.to));
  const std::size_t length = samples_per_window(*e.window, trace, phase);
  if (phase.size() < length) {
    return no_values(fmt::format("a window of {} takes {} samples, and there are {} {}",
                                 duration_text(*e.window), length, phase.size(),
                                 phase_text(e.from, e.to)));
  }
  return {sliding_statistic(phase, length, e.stat, series.kind), {}, series};
}

Values values_of(const Expectation& e, const trace::Reader& trace) {
  if (!trace.complete()) return no_values("the trace is incomplete: its run did not finish");
  const auto series = trace.find_series(e.measure.name, e.measure.object);
  if (!series) return no_values(no_such_series(trace, e.measure));
  if (e.stat == Stat::total && series->kind == trace::SeriesKind::gauge) {
    return no_values("a level has no total; ask for max, mean, min or last");
  }
  const std::vector<Stretch> phase = read_phase(trace, *series, e.from, e.to);
  if (const auto problem = trace.problem()) return no_values(problem->message);
  if (phase.empty()) return no_values("no samples " + phase_text(e.from, e.to));
  if (e.window) return windows(e, trace, phase, *series);
  return {{statistic_of(phase, e.stat, series->kind)}, {}, *series};
}

// This run's values divided by the reference's, window by window.
Values relative_values(const Expectation& e, Values own, const trace::Reader* reference) {
  if (!own.problem.empty()) return own;
  if (reference == nullptr) {
    return no_values("there is no trace of run '" + e.relative_to + "' to compare with");
  }
  const Values other = values_of(e, *reference);
  if (!other.problem.empty()) {
    return no_values("run '" + e.relative_to + "': " + other.problem);
  }
  if (own.values.size() != other.values.size()) {
    return no_values(fmt::format("{} windows here, {} in run '{}'", own.values.size(),
                                 other.values.size(), e.relative_to));
  }
  for (std::size_t i = 0; i < own.values.size(); ++i) {
    if (other.values[i] == 0) {
      return no_values("run '" + e.relative_to + "' has 0 there: nothing can be divided by it");
    }
    own.values[i] /= other.values[i];
  }
  return own;
}

// How far `value` is beyond a bound; negative inside.
double excess(const Expectation& e, double value) {
  double worst = -std::numeric_limits<double>::infinity();
  if (e.low) worst = std::max(worst, *e.low - value);
  if (e.high) worst = std::max(worst, value - *e.high);
  return worst;
}

bool satisfies(const Expectation& e, double value) {
  const auto slack = [value](double bound) {
    return kRounding * std::max(std::abs(value), std::abs(bound));
  };
  // A value that is not a number satisfies nothing.
  if (std::isnan(value)) return false;
  if (e.low && !(e.low_exclusive ? value > *e.low : value >= *e.low - slack(*e.low))) return false;
  if (e.high && !(e.high_exclusive ? value < *e.high : value <= *e.high + slack(*e.high))) {
    return false;
  }
  return true;
}

void judge(const Expectation& e, const Values& values, Verdict& verdict) {
  const auto& all = values.values;
  verdict.holds = std::all_of(all.begin(), all.end(), [&](double v) { return satisfies(e, v); });
  verdict.measured = *std::max_element(
      all.begin(), all.end(), [&](double a, double b) { return excess(e, a) < excess(e, b); });
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  if (e.window) {
    verdict.measured_low = *low;
    verdict.measured_high = *high;
  }
  verdict.measured_text = measured_text(e, unit_of(e, values.series), *low, *high);
}

}  // namespace

Verdict evaluate(const Expectation& expectation, const trace::Reader& trace,
                 const trace::Reader* reference) {
  Verdict verdict;
  verdict.expectation = expectation;
  Values values = values_of(expectation, trace);
  if (!expectation.relative_to.empty()) {
    values = relative_values(expectation, std::move(values), reference);
  }
  verdict.expected_text = expected_text(expectation, unit_of(expectation, values.series));
  verdict.problem = values.problem;
  if (verdict.problem.empty() && !expectation.low && !expectation.high) {
    verdict.problem = "the expectation has no bound";
  }
  if (verdict.problem.empty()) judge(expectation, values, verdict);
  return verdict;
}

std::optional<double> statistic(const trace::Reader& trace, const language::Measure& measure,
                                Stat stat, Instant from, Instant to) {
  const auto series = trace.find_series(measure.name, measure.object);
  if (!series || (stat == Stat::total && series->kind == trace::SeriesKind::gauge)) {
    return std::nullopt;
  }
  const std::vector<Stretch> phase = read_phase(trace, *series, from, to);
  if (phase.empty()) return std::nullopt;
  return statistic_of(phase, stat, series->kind);
}

}  // namespace elblab::expectations
