// What a picture of time series shows: everything the painter needs, nothing it has to ask for.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "gui/timeline/curve.hpp"

namespace elblab::gui {

// A change or a fault that a person set up; diagnosis does not see these.
struct Marker {
  Instant at;
  QString text;
  bool fault = false;
};

// Curves of one unit over one value axis.
struct Panel {
  QString unit;
  std::vector<Curve> curves;  // those of the compared trace directly behind their counterparts
};

struct Scene {
  TimeRange range;
  std::vector<Panel> panels;
  std::vector<Marker> markers;
  std::optional<Instant> cursor;
  std::optional<TimeRange> highlight;
  QString current_label;  // of the traces, for a legend of line styles; both empty: one trace
  QString compared_label;
};

}  // namespace elblab::gui
