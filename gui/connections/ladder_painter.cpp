#include "gui/connections/ladder_painter.hpp"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <utility>

namespace elblab::gui {
namespace {

constexpr double kTall = 60;  // more than an arrow with its label

QString leg_text(const std::string& source, const std::string& destination) {
  return QString::fromStdString(source) + QStringLiteral(" → ") +
         QString::fromStdString(destination);
}

QString lane_name(const LadderLane& lane) {
  const QString object = QString::fromStdString(lane.object);
  const QString role = QString::fromStdString(lane.role);
  if (lane.object.empty() || lane.object == lane.role) return role;
  if (object.startsWith(role + QLatin1Char('/'))) return object;  // "network/az1"
  return lane.role.empty() ? object : object + QStringLiteral(" · ") + role;
}

template <class Items, class Top>
auto first_from(const Items& items, double y, Top top) {
  return std::partition_point(items.begin(), items.end(),
                              [&](const auto& item) { return top(item) < y; });
}

}  // namespace

LadderPainter::LadderPainter(const Ladder& ladder, const LadderLayout& layout, const Theme& theme)
    : ladder_(ladder), layout_(layout), theme_(theme) {}

double LadderPainter::heading_height(const QFontMetricsF& metrics) {
  return 2 * std::ceil(metrics.height()) + 14;
}

void LadderPainter::paint_heading(QPainter& painter) const {
  const QFontMetricsF metrics(painter.font());
  const double line = std::ceil(metrics.height());
  painter.fillRect(QRectF(0, 0, layout_.size.width(), heading_height(metrics)), theme_.panel);
  if (ladder_.lanes.empty()) return;
  const double room = layout_.lanes[1] - layout_.lanes[0] - 8;
  for (std::size_t lane = 0; lane < ladder_.lanes.size(); ++lane) {
    const double x = layout_.lanes[lane];
    const QString name = metrics.elidedText(lane_name(ladder_.lanes[lane]), Qt::ElideMiddle, room);
    const double width = metrics.horizontalAdvance(name) + 2;
    const double left = std::clamp(x - width / 2, 4.0, layout_.size.width() - width - 4);
    painter.setPen(theme_.text);
    painter.drawText(QRectF(left, 4, width, line), Qt::AlignCenter, name);
  }
  const Ladder::Leg* before = nullptr;
  std::size_t first = 0;  // of the legs that share a heading: those that nothing is written on
  for (std::size_t leg = 0; leg < ladder_.legs.size(); ++leg) {
    const Ladder::Leg& ends = ladder_.legs[leg];
    if (ends.source.empty() && ends.destination.empty()) continue;
    const double left = layout_.lanes[std::exchange(first, leg + 1)];
    const bool changed = before != nullptr && ends != *before;
    before = &ends;
    painter.setPen(changed ? theme_.colour_of(1) : theme_.faint);
    const QRectF where(left + 6, 6 + line, layout_.lanes[leg + 1] - left - 12, line);
    const QString text = (changed ? QStringLiteral("◆ rewritten: ") : QString()) +
                         leg_text(ends.source, ends.destination);
    painter.drawText(where, Qt::AlignCenter,
                     metrics.elidedText(text, Qt::ElideMiddle, where.width()));
  }
}

void LadderPainter::paint_body(QPainter& painter, const QRectF& exposed,
                               std::optional<std::size_t> selected_hop) const {
  painter.fillRect(exposed, theme_.ground);
  const double top = exposed.top() - kTall;
  const double bottom = exposed.bottom() + kTall;
  paint_lanes(painter, exposed);
  auto pause = first_from(layout_.pauses, top, [](const LadderPause& p) { return p.band.top(); });
  for (; pause != layout_.pauses.end() && pause->band.top() < bottom; ++pause) {
    paint_pause(painter, *pause);
  }
  painter.setPen(theme_.faint);
  auto time = first_from(layout_.times, top, [](const LadderTime& t) { return t.label.top(); });
  for (; time != layout_.times.end() && time->label.top() < bottom; ++time) {
    painter.drawText(time->label, Qt::AlignRight | Qt::AlignVCenter, time->text);
  }
  auto arrow = first_from(layout_.arrows, top, [](const LadderArrow& a) { return a.line.y1(); });
  for (; arrow != layout_.arrows.end() && arrow->line.y1() < bottom; ++arrow) {
    paint_arrow(painter, *arrow, selected_hop == arrow->hop);
  }
  auto note = first_from(layout_.notes, top, [](const LadderNote& n) { return n.dot.y(); });
  for (; note != layout_.notes.end() && note->dot.y() < bottom; ++note) paint_note(painter, *note);
}

void LadderPainter::paint_lanes(QPainter& painter, const QRectF& exposed) const {
  painter.setPen(QPen(theme_.faint, 1.4));
  for (const double x : layout_.lanes) {
    painter.drawLine(QPointF(x, exposed.top()), QPointF(x, exposed.bottom()));
  }
}

QColor LadderPainter::colour_of(const LadderHop& hop) const {
  if (hop.fate != Fate::arrived) return theme_.bad;
  if (hop.retransmission) return theme_.warning;
  const bool ends = (hop.packet.tcp_flags & 0x04) != 0;  // a reset
  return ends ? theme_.bad : theme_.colour_of(hop.rewritten ? 1 : 0);
}

void LadderPainter::paint_arrow(QPainter& painter, const LadderArrow& arrow, bool selected) const {
  const LadderHop& hop = ladder_.hops[arrow.hop];
  const QColor colour = colour_of(hop);
  if (selected) {
    painter.fillRect(arrow.label.adjusted(-8, -1, 8, arrow.line.y2() - arrow.line.y1() + 3),
                     theme_.highlight);
  }
  QPen pen(colour, 1.4);
  if (hop.retransmission) pen.setStyle(Qt::DashLine);
  painter.setPen(pen);
  painter.drawLine(arrow.line);
  paint_end(painter, arrow, colour);
  if (hop.rewritten) {  // a diamond where the balancer wrote other addresses
    const QPointF at = arrow.line.p1();
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawPolygon(QPolygonF(
        {at + QPointF(-4, 0), at + QPointF(0, -4), at + QPointF(4, 0), at + QPointF(0, 4)}));
    painter.setBrush(Qt::NoBrush);
  }
  paint_label(painter, arrow, selected);
}

// On a ground of its own where it stands across a lane that the packet passes by.
void LadderPainter::paint_label(QPainter& painter, const LadderArrow& arrow, bool selected) const {
  const LadderHop& hop = ladder_.hops[arrow.hop];
  if (std::max(hop.from, hop.to) - std::min(hop.from, hop.to) > 1) {
    const double width = painter.fontMetrics().horizontalAdvance(arrow.text) + 8;
    QRectF behind = arrow.label;
    behind.setWidth(std::min(width, arrow.label.width()));
    behind.moveCenter(arrow.label.center());
    painter.fillRect(behind, selected ? theme_.highlight : theme_.ground);
  }
  const bool plain = hop.fate == Fate::arrived && !hop.retransmission;
  painter.setPen(plain ? theme_.text : colour_of(hop));
  painter.drawText(arrow.label, Qt::AlignCenter, arrow.text);
}

// A head, or a cross where it was lost or dropped.
void LadderPainter::paint_end(QPainter& painter, const LadderArrow& arrow,
                              const QColor& colour) const {
  const QPointF tip = arrow.line.p2();
  if (ladder_.hops[arrow.hop].fate != Fate::arrived) {
    painter.setPen(QPen(colour, 2));
    painter.drawLine(tip + QPointF(-5, -5), tip + QPointF(5, 5));
    painter.drawLine(tip + QPointF(-5, 5), tip + QPointF(5, -5));
    return;
  }
  const double back = arrow.line.dx() > 0 ? -8 : 8;
  QPainterPath head(tip);
  head.lineTo(tip + QPointF(back, -4));
  head.lineTo(tip + QPointF(back, 4));
  head.closeSubpath();
  painter.fillPath(head, colour);
}

void LadderPainter::paint_note(QPainter& painter, const LadderNote& note) const {
  const LadderMark& mark = ladder_.marks[note.mark];
  const QColor colour = mark.bad ? theme_.bad : theme_.colour_of(0);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawEllipse(note.dot, 4, 4);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(mark.bad ? theme_.bad : theme_.text);
  const bool last = mark.lane + 1 == ladder_.lanes.size();
  const Qt::Alignment side = last ? Qt::AlignRight : Qt::AlignLeft;
  painter.drawText(note.label, side | Qt::AlignVCenter, note.text);
}

void LadderPainter::paint_pause(QPainter& painter, const LadderPause& pause) const {
  painter.fillRect(pause.band, theme_.panel);
  painter.setPen(QPen(theme_.grid, 1, Qt::DashLine));
  painter.drawLine(pause.band.topLeft(), pause.band.topRight());
  painter.drawLine(pause.band.bottomLeft(), pause.band.bottomRight());
  painter.setPen(theme_.faint);
  painter.drawText(pause.band, Qt::AlignCenter, pause.text);
}

}  // namespace elblab::gui
