#include "cli/sweeps/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/expectations/text.hpp"
#include "analysis/metrics/view_rows.hpp"
#include "models/telemetry/measures.hpp"
#include "scenarios/language/measure_names.hpp"
#include "scenarios/language/quantities.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

using language::Stat;

constexpr std::string_view kDetection = "detection_s";
constexpr std::string_view kFlaps = "flaps_per_hour";
constexpr std::array<std::string_view, 5> kStats{"total", "mean", "max", "min", "last"};

std::string_view word_of(Stat stat) {
  for (const std::string_view word : kStats) {
    if (language::find_stat(word) == stat) return word;
  }
  return {};
}

// Measures of one name and several scopes are of one kind.
const telemetry::MeasureInfo* info_of(std::string_view name) {
  for (const telemetry::MeasureInfo& info : telemetry::measures()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::string unit_of(const language::Measure& measure, Stat stat) {
  const telemetry::MeasureInfo* info = info_of(measure.name);
  if (info == nullptr) return {};
  language::Expectation expectation;
  expectation.stat = stat;
  trace::SeriesInfo series;
  series.unit = std::string(info->unit);
  series.kind = info->kind == telemetry::MeasureKind::counter ? trace::SeriesKind::counter
                                                              : trace::SeriesKind::gauge;
  return expectations::unit_of(expectation, series);
}

// The parts of a figure's text.
struct Written {
  std::string measure;
  std::string stat;
  std::string phase;
};

// Objects hold no colon, but IPv6 addresses might: the statistic follows the bracket.
Written parts_of(std::string_view text) {
  Written written;
  const std::size_t close = text.rfind(')');
  if (close == std::string_view::npos) return {std::string(text), {}, {}};
  written.measure = text.substr(0, close + 1);
  std::string_view rest = text.substr(close + 1);
  const std::size_t at = std::min(rest.find('@'), rest.size());
  if (at < rest.size()) written.phase = rest.substr(at + 1);
  written.stat = rest.substr(0, at);
  return written;
}

// The measure as the run names it: "b1" becomes "app/b1". What the scenario draws is checked by the
// language, so a measure is asked for as a curve.
Expected<language::Measure> named(const std::string& text, const language::ScenarioFile& file,
                                  const std::string& run,
                                  std::vector<language::Override> settings) {
  std::string quoted;
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  settings.push_back({"curves", "['" + quoted + "']"});
  auto decoded = file.decode(run, settings);
  if (decoded.scenario && !decoded.scenario->curves.empty())
    return decoded.scenario->curves.front();
  if (decoded.errors.empty()) return Error{"no measure"};
  const language::Diagnostic& first = decoded.errors.front();
  return Error{first.message + (first.suggestion.empty() ? "" : "; " + first.suggestion)};
}

Expected<void> read_phase(const std::string& text, Figure& figure) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return Error{"a phase is FROM..TO, as in @60s.. or @60s..90s"};
  const auto read = [&](const std::string& end, Instant& at) -> Expected<void> {
    if (end.empty()) return {};
    const auto duration = language::parse_duration(end);
    if (!duration) return duration.error();
    at = kStart + *duration;
    return {};
  };
  if (auto from = read(text.substr(0, dots), figure.from); !from) return from.error();
  if (auto to = read(text.substr(dots + 2), figure.to); !to) return to.error();
  if (figure.from >= figure.to) return Error{"the phase is empty"};
  return {};
}

Expected<void> read_stat(const std::string& text, Figure& figure) {
  std::vector<std::string> known(kStats.begin(), kStats.end());
  const auto stat = text.starts_with(':') ? language::find_stat(text.substr(1)) : std::nullopt;
  if (!stat) {
    const std::string near = text.empty() ? "" : language::nearest(text.substr(1), known);
    return Error{fmt::format("a statistic follows the measure: {}:mean, with one of {}{}",
                             figure.measure.to_string(), fmt::join(known, ", "),
                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near))};
  }
  const telemetry::MeasureInfo* info = info_of(figure.measure.name);
  if (stat == Stat::total && info != nullptr && info->kind == telemetry::MeasureKind::gauge) {
    return Error{"a level has no total; ask for mean, max, min or last"};
  }
  figure.stat = *stat;
  return {};
}

// detection_s and flaps_per_hour; their servers are those that have health_changes.
Expected<std::optional<Figure>> read_view(const Written& written,
                                          const language::ScenarioFile& file,
                                          const std::string& run,
                                          const std::vector<language::Override>& settings) {
  const std::size_t open = std::min(written.measure.find('('), written.measure.size());
  const std::string name = written.measure.substr(0, open);
  if (name != kDetection && name != kFlaps) return std::optional<Figure>();
  if (!written.stat.empty() || !written.phase.empty()) {
    return Error{fmt::format("{} is one figure of the whole run; it takes no statistic", name)};
  }
  auto found = named("health_changes" + written.measure.substr(open), file, run, settings);
  if (!found) {
    std::string why = found.error().message;
    const std::string borrowed = "health_changes";
    for (std::size_t at; (at = why.find(borrowed)) != std::string::npos;) {
      why.replace(at, borrowed.size(), name);
    }
    return Error{why};
  }
  Figure figure;
  figure.kind = name == kDetection ? Figure::Kind::detection : Figure::Kind::flaps;
  figure.measure = {name, found->object};
  figure.unit = figure.kind == Figure::Kind::detection ? "s" : "/h";
  return std::optional<Figure>(std::move(figure));
}

Expected<Figure> read_parts(const Written& written, const language::ScenarioFile& file,
                            const std::string& run,
                            const std::vector<language::Override>& settings) {
  auto of_view = read_view(written, file, run, settings);
  if (!of_view) return of_view.error();
  if (*of_view) return std::move(**of_view);
  Figure figure;
  auto measure = named(written.measure, file, run, settings);
  if (!measure) return measure.error();
  figure.measure = std::move(*measure);
  if (auto stat = read_stat(written.stat, figure); !stat) return stat.error();
  if (!written.phase.empty()) {
    if (auto phase = read_phase(written.phase, figure); !phase) return phase.error();
  }
  figure.unit = unit_of(figure.measure, figure.stat);
  return figure;
}

std::optional<double> first_of(const trace::Reader& trace, const std::string& sql,
                               std::string_view column) {
  metrics::ViewRows rows(trace, sql);
  return rows.next() ? rows.optional_real(column) : std::nullopt;
}

std::string sql_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string Figure::text() const {
  std::string text = measure.to_string();
  if (kind != Kind::statistic) return text;
  text += fmt::format(":{}", word_of(stat));
  if (from == kStart && to == kNever) return text;
  const auto end = [](Instant at) { return language::format_duration(at - kStart); };
  return text +
         fmt::format("@{}..{}", from == kStart ? "" : end(from), to == kNever ? "" : end(to));
}

Expected<Figure> read_figure(std::string_view text, const language::ScenarioFile& file,
                             const std::string& run,
                             const std::vector<language::Override>& settings) {
  auto figure = read_parts(parts_of(text), file, run, settings);
  if (!figure) return Error{fmt::format("--measure {}: {}", text, figure.error().message)};
  return figure;
}

std::vector<Figure> expected_figures(const language::Scenario& scenario) {
  std::vector<Figure> figures;
  std::vector<std::string> known;
  for (const language::Expectation& expectation : scenario.expectations) {
    Figure figure;
    figure.measure = expectation.measure;
    figure.stat = expectation.stat;
    figure.from = expectation.from;
    figure.to = expectation.to;
    figure.unit = unit_of(figure.measure, figure.stat);
    if (std::find(known.begin(), known.end(), figure.text()) != known.end()) continue;
    known.push_back(figure.text());
    figures.push_back(std::move(figure));
  }
  return figures;
}

std::optional<double> value_of(const Figure& figure, const trace::Reader& trace) {
  const std::string server = sql_text(figure.measure.object);
  std::optional<double> value;
  switch (figure.kind) {
    case Figure::Kind::statistic:
      value = expectations::statistic(trace, figure.measure, figure.stat, figure.from, figure.to);
      break;
    case Figure::Kind::detection:
      value = first_of(trace,
                       "SELECT detection_s FROM detections_view WHERE server = " + server +
                           " ORDER BY at_s LIMIT 1",
                       "detection_s");
      break;
    case Figure::Kind::flaps:
      value = first_of(trace,
                       "SELECT flaps_per_hour FROM server_health WHERE node = 'displayed'"
                       " AND server = " +
                           server,
                       "flaps_per_hour");
      break;
  }
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace elblab::cli
