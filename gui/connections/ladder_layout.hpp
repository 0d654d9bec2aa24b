// Where everything of a ladder stands on the page: pure geometry, no painter.
//
// Time runs down but is not to scale: each hop takes a line of its own on the legs it passes, so
// that labels never overlap; a pause much longer than what came before becomes a band with its
// length. Laws, held by tests/gui_views: what departs later stands no higher; what departs after
// something arrived stands no higher than that arrival; no two labels overlap; every hop has an
// arrow.
#pragma once

#include <QFontMetricsF>
#include <QLineF>
#include <QRectF>
#include <QString>
#include <cstddef>
#include <vector>

#include "gui/connections/ladder.hpp"

namespace elblab::gui {

struct LadderArrow {
  std::size_t hop = 0;  // of Ladder::hops
  QLineF line;  // from the lane it leaves towards the next; of a lost one: as far as it came
  QRectF label;
  QString text;  // shortened to fit
};

struct LadderNote {
  std::size_t mark = 0;  // of Ladder::marks
  QPointF dot;           // on the lane
  QRectF label;
  QString text;
};

struct LadderPause {
  QRectF band;
  QString text;  // "59.98 s"
};

struct LadderTime {
  QRectF label;
  QString text;  // since the beginning
};

struct LadderLayout {
  std::vector<double> lanes;  // x of each
  std::vector<LadderArrow> arrows;
  std::vector<LadderNote> notes;
  std::vector<LadderPause> pauses;
  std::vector<LadderTime> times;
  QSizeF size;
};

// Less is not legible: a narrower `width` is taken as this.
double least_ladder_width(std::size_t lanes);
LadderLayout lay_out(const Ladder& ladder, double width, const QFontMetricsF& metrics);

// "+1.204 ms"; a moment of a connection, counted from its beginning.
QString since_text(Duration since);
// "59.98 s", "4.4 ms", "12 µs"
QString span_text(Duration span);

}  // namespace elblab::gui
