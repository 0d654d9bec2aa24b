// The changes and faults of a run, for the marks on a time axis.
#pragma once

#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "gui/timeline/scene.hpp"
#include "gui/traces/request.hpp"

namespace elblab::gui {

// The first kMostMarkers, in the order of time. `timeline` says in words what an event names by its
// place (ScenarioFacts). Reads the blocks that hold such events; of an incomplete trace the rows
// without a block, too.
inline constexpr int kMostMarkers = 500;
std::vector<Marker> read_markers(const trace::Reader& trace,
                                 const std::vector<std::string>& timeline,
                                 const CancelFlag& cancel);

}  // namespace elblab::gui
