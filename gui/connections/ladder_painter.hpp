// Draws a laid-out ladder in the colours of the theme: on the screen and into pictures alike.
#pragma once

#include <QRectF>
#include <optional>

#include "gui/connections/ladder_layout.hpp"
#include "gui/theme/theme.hpp"

class QPainter;

namespace elblab::gui {

class LadderPainter {
 public:
  LadderPainter(const Ladder& ladder, const LadderLayout& layout, const Theme& theme);

  // Names of the lanes, and the addresses as written on each leg: what the balancer rewrote is
  // told apart by its colour. Up to heading_height() high.
  void paint_heading(QPainter& painter) const;
  static double heading_height(const QFontMetricsF& metrics);
  // What stands within `exposed`; O(log hops + what is drawn).
  void paint_body(QPainter& painter, const QRectF& exposed,
                  std::optional<std::size_t> selected_hop) const;

 private:
  void paint_lanes(QPainter& painter, const QRectF& exposed) const;
  void paint_arrow(QPainter& painter, const LadderArrow& arrow, bool selected) const;
  void paint_label(QPainter& painter, const LadderArrow& arrow, bool selected) const;
  void paint_end(QPainter& painter, const LadderArrow& arrow, const QColor& colour) const;
  void paint_note(QPainter& painter, const LadderNote& note) const;
  void paint_pause(QPainter& painter, const LadderPause& pause) const;
  QColor colour_of(const LadderHop& hop) const;

  const Ladder& ladder_;
  const LadderLayout& layout_;
  const Theme& theme_;
};

}  // namespace elblab::gui
