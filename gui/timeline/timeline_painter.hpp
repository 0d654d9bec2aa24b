// Paints a scene of time series: the same on the screen, in PNG and in SVG.
//
// At most four points per pixel column and curve: a band from minimum to maximum where a column
// holds several samples, and a line through the means. O(pixels × curves).
#pragma once

#include <QPainter>

#include "gui/theme/theme.hpp"
#include "gui/timeline/curve_shape.hpp"
#include "gui/timeline/layout.hpp"
#include "gui/timeline/scene.hpp"

namespace elblab::gui {

class TimelinePainter {
 public:
  // All must outlive the painting.
  TimelinePainter(QPainter& painter, const Scene& scene, const Layout& layout, const Theme& theme);

  void paint();

 private:
  void paint_time_axis();
  void paint_markers();
  void paint_panel(const Panel& panel, const PanelLayout& place);
  void paint_grid(const Panel& panel, const PanelLayout& place, const ValueAxis& values);
  void paint_legend(const Panel& panel, const PanelLayout& place);
  void paint_curve(const Curve& curve, const ValueAxis& values, Qt::PenStyle style);
  void paint_band(const CurveStretch& stretch, const QColor& colour, bool dense);
  void paint_differences(const Panel& panel, const PanelLayout& place, const ValueAxis& values);
  void paint_cursor();
  void paint_line_styles();
  QColor colour_of(const Curve& curve) const;

  QPainter& painter_;
  const Scene& scene_;
  const Layout& layout_;
  const Theme& theme_;
  TimeAxis time_;
};

}  // namespace elblab::gui
