// A horizontal axis of model time: where a moment stands, which moments get a label.
#pragma once

#include <QString>
#include <vector>

#include "gui/selection/selection.hpp"

namespace elblab::gui {

class TimeAxis {
 public:
  // `range` lies between the pixels left and right; it is not empty, right > left.
  TimeAxis(TimeRange range, double left, double right);

  const TimeRange& range() const { return range_; }
  double left() const { return left_; }
  double right() const { return right_; }
  double x_of(Instant at) const;
  Instant at(double x) const;  // also outside of the axis; never before the start of the run
  Duration per_pixel() const;

  // Moments at a round step (1, 2, 5 × 10^n s; minutes and hours for long ranges), at least
  // `spacing` pixels apart.
  std::vector<Instant> ticks(double spacing) const;
  Duration step(double spacing) const;

 private:
  TimeRange range_;
  double left_;
  double right_;
};

// With as many decimals as tell two moments `step` apart: "30 s", "30.045 s", "2:05:00" from two
// hours on.
QString time_text(Instant at, Duration step);

// `range` moved and cut so that it lies within `whole`.
TimeRange within(TimeRange range, TimeRange whole);
// Made `factor` times as long, around `fixed`, which keeps its place.
TimeRange scaled(TimeRange range, Instant fixed, double factor);

}  // namespace elblab::gui
