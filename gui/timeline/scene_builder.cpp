#include "gui/timeline/scene_builder.hpp"

#include <algorithm>

#include "models/telemetry/measures.hpp"

namespace elblab::gui {
namespace {

double scale_of(const trace::SeriesInfo& series, Duration sample_interval) {
  if (series.kind == trace::SeriesKind::gauge || sample_interval <= Duration::zero()) return 1;
  return 1 / to_seconds(sample_interval);
}

Panel& panel_with(std::vector<Panel>& panels, const QString& unit) {
  const auto found = std::find_if(panels.begin(), panels.end(),
                                  [&](const Panel& panel) { return panel.unit == unit; });
  if (found != panels.end()) return *found;
  panels.push_back({unit, {}});
  return panels.back();
}

Curve curve_of(const OpenTrace& trace, const trace::SeriesInfo& series, std::size_t colour,
               bool compared) {
  Curve curve;
  curve.key = {trace.id(), measure_of(series)};
  curve.compared = compared;
  curve.colour = colour;
  curve.unit = unit_of(series);
  curve.sample_interval = trace.facts().metadata.sample_interval;
  curve.scale = scale_of(series, curve.sample_interval);
  return curve;
}

std::size_t colours_used(const Panel& panel) {
  std::size_t used = 0;
  for (const Curve& curve : panel.curves) used = std::max(used, curve.colour + 1);
  return used;
}

// The measure from each trace that recorded it, behind each other, then its limit.
void add_measure(std::vector<Panel>& panels, const std::string& measure,
                 const std::vector<OpenTrace*>& traces) {
  Panel* panel = nullptr;
  std::size_t colour = 0;
  for (OpenTrace* trace : traces) {
    const auto* series = trace->facts().find(measure);
    if (series == nullptr) continue;
    if (panel == nullptr) {
      panel = &panel_with(panels, unit_of(*series));
      colour = colours_used(*panel);
    }
    panel->curves.push_back(curve_of(*trace, *series, colour, trace != traces.front()));
  }
}

void add_limits(Panel& panel, const std::vector<std::string>& measures,
                const std::vector<OpenTrace*>& traces) {
  const std::vector<Curve> curves = panel.curves;
  for (const Curve& curve : curves) {
    const OpenTrace& trace =
        **std::find_if(traces.begin(), traces.end(),
                       [&](OpenTrace* candidate) { return candidate->id() == curve.key.trace; });
    const auto* bounded = trace.facts().find(curve.key.measure);
    const std::string limit = limit_of(trace.facts(), *bounded);
    const bool drawn = std::find(measures.begin(), measures.end(), limit) != measures.end();
    if (limit.empty() || drawn) continue;
    Curve line = curve_of(trace, *trace.facts().find(limit), curve.colour, curve.compared);
    line.limit = true;
    panel.curves.push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> default_measures(const TraceFacts& facts, std::size_t most) {
  std::vector<std::string> measures;
  for (const std::string& measure : facts.scenario.expected) {
    if (measures.size() < most && facts.find(measure) != nullptr) measures.push_back(measure);
  }
  std::vector<std::string> objects;
  for (const auto& series : facts.series) {
    if (!measures.empty() && objects.empty()) break;
    if (objects.size() == most) break;
    if (std::find(objects.begin(), objects.end(), series.object) != objects.end()) continue;
    objects.push_back(series.object);
    measures.push_back(measure_of(series));
  }
  return measures;
}

std::string limit_of(const TraceFacts& facts, const trace::SeriesInfo& series) {
  for (const auto& info : telemetry::measures()) {
    if (info.name != series.name || info.capacity.empty()) continue;
    std::string limit = std::string(info.capacity) + "(" + series.object + ")";
    if (facts.find(limit) != nullptr) return limit;
  }
  return {};
}

std::vector<Panel> panels_of(const std::vector<std::string>& measures,
                             const std::vector<OpenTrace*>& traces) {
  std::vector<Panel> panels;
  for (const std::string& measure : measures) add_measure(panels, measure, traces);
  for (Panel& panel : panels) add_limits(panel, measures, traces);
  return panels;
}

QString unit_of(const trace::SeriesInfo& series) {
  const QString unit = QString::fromStdString(series.unit);
  return series.kind == trace::SeriesKind::counter ? unit + QStringLiteral("/s") : unit;
}

}  // namespace elblab::gui
