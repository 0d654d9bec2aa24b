// Where the parts of a picture of time series stand, in logical pixels.
#pragma once

#include <QFontMetrics>
#include <QRectF>
#include <vector>

#include "gui/timeline/scene.hpp"
#include "gui/timeline/time_axis.hpp"
#include "gui/timeline/value_axis.hpp"

namespace elblab::gui {

struct LegendEntry {
  std::size_t curve = 0;  // of the panel
  QRectF place;           // colour and name; the value stands right of it
  QString name;
};

struct PanelLayout {
  QRectF legend;
  QRectF plot;
  std::vector<LegendEntry> entries;  // those that have no room are left out
  std::size_t left_out = 0;
};

struct Layout {
  QRectF whole;
  QRectF styles;   // at the top: which line is which trace; empty for one trace
  QRectF markers;  // the lane above the panels; empty without markers
  QRectF axis;     // of time, at the bottom
  std::vector<PanelLayout> panels;
  double left = 0;  // of all plots
  double right = 0;

  TimeAxis time_axis(const TimeRange& range) const { return {range, left, right}; }
};

Layout layout_of(const Scene& scene, QSizeF size, const QFontMetrics& font);
// What a canvas needs so that every panel can be read.
double least_height(const Scene& scene, const QFontMetrics& font);

// 0 and what is visible; limits count when the curves come near them, or they would be flat.
ValueAxis value_axis_of(const Panel& panel, const TimeRange& range, const QRectF& plot);

}  // namespace elblab::gui
