// The points of a curve on the screen.
#pragma once

#include <QPolygonF>
#include <vector>

#include "gui/timeline/curve.hpp"
#include "gui/timeline/time_axis.hpp"
#include "gui/timeline/value_axis.hpp"

namespace elblab::gui {

// A stretch without gaps: samples farther apart than two and a half sample intervals are not
// joined.
struct CurveStretch {
  QPolygonF line;  // through the means
  QPolygonF band;  // along the maxima and back along the minima; empty where every column holds one
                   // sample
};
std::vector<CurveStretch> stretches_of(const Curve& curve, const TimeAxis& time,
                                       const ValueAxis& values);

// Where two curves are apart by more than a twentieth of what the axis spans: stretches in pixels.
struct Difference {
  double from = 0;
  double to = 0;
};
std::vector<Difference> differences_of(const Curve& a, const Curve& b, const TimeAxis& time,
                                       const ValueAxis& values);

// Whether two curves are the same to the eye wherever both are visible.
bool run_together(const Curve& a, const Curve& b, const TimeAxis& time, const ValueAxis& values);

}  // namespace elblab::gui
