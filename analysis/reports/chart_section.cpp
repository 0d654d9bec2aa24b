// Which curves a report shows, and what is drawn with them.
#include <algorithm>
#include <set>

#include "analysis/reports/measure_curves.hpp"
#include "analysis/reports/sections.hpp"
#include "models/telemetry/measures.hpp"

namespace elblab::reports {
namespace {

constexpr double kNearCapacity = 0.8;
constexpr std::size_t kMostCharts = 24;

bool is_capacity(const std::string& name) {
  const auto all = telemetry::measures();
  return std::any_of(all.begin(), all.end(), [&](const auto& m) { return m.capacity == name; });
}

// Measures in the order in which someone has a reason to look at them, each once.
class Chosen {
 public:
  void add(const language::Measure& measure) {
    // A capacity is drawn with what it bounds.
    if (is_capacity(measure.name)) return;
    if (measures_.size() < kMostCharts && known_.insert(measure.to_string()).second) {
      measures_.push_back(measure);
    }
  }
  void add(const std::string& text) {
    if (const auto measure = parse_measure(text)) add(*measure);
  }
  const std::vector<language::Measure>& measures() const { return measures_; }

 private:
  std::set<std::string> known_;
  std::vector<language::Measure> measures_;
};

void choose_judged(const ReportedRun& run, Chosen& chosen) {
  if (!run.scenario) return;
  for (const auto& expectation : run.scenario->expectations) chosen.add(expectation.measure);
  for (const auto& measure : run.scenario->curves) chosen.add(measure);
}

void choose_evidence(const ReportedRun& run, Chosen& chosen) {
  for (const auto& cause : run.diagnosis.found) {
    for (const auto& evidence : cause.evidence) {
      for (const auto& measure : evidence.measures) chosen.add(measure);
    }
  }
}

void choose_nearly_full(const ReportedRun& run, Chosen& chosen) {
  for (const auto& level : run.occupancies) {
    if (level.share >= kNearCapacity) chosen.add(level.measure);
  }
}

void choose_usual(const ReportedRun& run, Chosen& chosen) {
  for (const auto& series : run.trace->series()) {
    const bool is_usual = series.name == "responses" || series.name == "request_failures" ||
                          series.name == "response_time" || series.name == "m1_cps" ||
                          series.name == "m3_inact_conn" || series.name == "m4_ncps";
    if (is_usual) chosen.add({series.name, series.object});
  }
}

// The measure that bounds a gauge; percentages have no curve for theirs.
std::string capacity_of(const std::string& name) {
  for (const auto& measure : telemetry::measures()) {
    if (measure.name == name && !measure.capacity.empty()) return std::string(measure.capacity);
  }
  return {};
}

bool is_near(const ReportedRun& run, const std::string& measure) {
  return std::any_of(run.occupancies.begin(), run.occupancies.end(), [&](const auto& level) {
    return level.measure == measure && level.share >= kNearCapacity / 2;
  });
}

// A bound far above the curve would only flatten it.
void add_capacity(const ReportedRun& run, std::size_t colour, const language::Measure& measure,
                  Chart& chart) {
  const std::string capacity = capacity_of(measure.name);
  if (capacity.empty() || !is_near(run, measure.to_string())) return;
  auto curve = curve_of(*run.trace, {capacity, measure.object});
  if (!curve) return;
  const auto same = [&](const Curve& other) { return other.is_bound; };
  if (std::any_of(chart.curves.begin(), chart.curves.end(), same)) return;
  curve->colour = colour;
  curve->is_bound = true;
  chart.curves.push_back(std::move(*curve));
}

std::string label_of(const language::Expectation& expectation) {
  switch (expectation.stat) {
    case language::Stat::mean:
      return "expected mean";
    case language::Stat::max:
      return "expected peak";
    case language::Stat::min:
      return "expected minimum";
    case language::Stat::last:
      return "expected at the end";
    case language::Stat::total:
      break;
  }
  return "expected";
}

// An expectation on the level itself can be drawn; one on a sum or a quotient cannot.
void add_bands(const ReportedRun& run, const language::Measure& measure, Chart& chart) {
  if (!run.scenario) return;
  for (const auto& expectation : run.scenario->expectations) {
    const bool is_level = expectation.stat != language::Stat::total &&
                          expectation.relative_to.empty() && expectation.low && expectation.high;
    if (!is_level || expectation.measure.to_string() != measure.to_string()) continue;
    chart.bands.push_back({label_of(expectation), to_seconds(expectation.from),
                           std::min(to_seconds(expectation.to), chart.end_s), expectation.low,
                           expectation.high});
  }
}

bool is_flat_zero(const Chart& chart) {
  return std::all_of(chart.curves.begin(), chart.curves.end(), [](const Curve& curve) {
    return curve.is_bound ||
           std::all_of(curve.points.begin(), curve.points.end(),
                       [](const CurvePoint& p) { return p.high == 0 && p.low == 0; });
  });
}

Chart chart_of(const Runs& runs, const language::Measure& measure) {
  Chart chart;
  chart.name = measure.to_string();
  for (const auto& run : runs) {
    chart.end_s = std::max(chart.end_s, to_seconds(run.trace->end_of_run()));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    auto curve = curve_of(*runs[i].trace, measure);
    if (!curve) continue;
    if (chart.unit.empty()) chart.unit = unit_of(*runs[i].trace, measure);
    curve->colour = i;
    if (runs.size() > 1) curve->label = runs[i].label;
    chart.curves.push_back(std::move(*curve));
    add_capacity(runs[i], i, measure, chart);
    // Bands of several runs would lie over each other: those of the first.
    if (chart.bands.empty()) add_bands(runs[i], measure, chart);
  }
  chart.title = chart.name + (chart.unit.empty() ? "" : ", " + chart.unit);
  return chart;
}

}  // namespace

Section charts_section(const Runs& runs) {
  Section section{"charts", "Over time", {}};
  Chosen chosen;
  for (const auto choose : {choose_judged, choose_evidence, choose_nearly_full, choose_usual}) {
    for (const auto& run : runs) choose(run, chosen);
  }
  std::string always_zero;
  for (const auto& measure : chosen.measures()) {
    Chart chart = chart_of(runs, measure);
    if (chart.curves.empty()) continue;
    if (is_flat_zero(chart)) {
      always_zero += (always_zero.empty() ? "" : ", ") + chart.name;
      continue;
    }
    section.blocks.emplace_back(std::move(chart));
  }
  if (!always_zero.empty()) {
    section.blocks.emplace_back(Paragraph{"Zero all the time: " + always_zero + ".", Tone::dim});
  }
  return section;
}

}  // namespace elblab::reports
