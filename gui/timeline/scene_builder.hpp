// Which curves to show and how they share panels: from measures and traces to panels.
#pragma once

#include <vector>

#include "gui/timeline/scene.hpp"
#include "gui/traces/trace_focus.hpp"

namespace elblab::gui {

// What to show as long as nobody chose: the measures the scenario is judged by, at most `most`, as
// far as they were recorded; else of each of the first objects what was recorded first.
std::vector<std::string> default_measures(const TraceFacts& facts, std::size_t most);

// What bounds a gauge (telemetry::MeasureInfo::capacity), if it was recorded: "local_ports(c1)".
// Empty: nothing.
std::string limit_of(const TraceFacts& facts, const trace::SeriesInfo& series);

// One panel per unit, in the order of `measures`; each with its limit, from each of `traces` (one,
// or one and the compared). Measures that a trace did not record are left out. Curve::data is not
// filled.
std::vector<Panel> panels_of(const std::vector<std::string>& measures,
                             const std::vector<OpenTrace*>& traces);

// "connections/s" of a counter, "sockets" of a gauge.
QString unit_of(const trace::SeriesInfo& series);

}  // namespace elblab::gui
