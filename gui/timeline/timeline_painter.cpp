#include "gui/timeline/timeline_painter.hpp"

#include <algorithm>

#include "gui/timeline/curve_shape.hpp"

namespace elblab::gui {
namespace {

constexpr double kTickSpacing = 90;
constexpr double kFarApart = 10;  // pixels between samples from which each gets a dot
constexpr double kDense =
    2.5;  // pixels between points up to which lines are drawn without smoothing
constexpr qsizetype kFewPoints = 200;
constexpr double kDifferenceHeight = 4;
constexpr double kMarkSize = 8;
constexpr double kLineWidth = 1.6;
constexpr double kLimitWidth = 1.2;
const QList<qreal> kAlternating{8, 8};  // dash and gap, in line widths

// A point every few pixels, or more.
bool is_dense(const CurveStretch& stretch) {
  if (stretch.line.size() < kFewPoints) return false;
  const double width = stretch.line.last().x() - stretch.line.first().x();
  return width / static_cast<double>(stretch.line.size()) < kDense;
}

bool dots_fit(const CurveStretch& stretch) {
  if (stretch.line.size() < 2) return true;
  const double width = stretch.line.last().x() - stretch.line.first().x();
  return stretch.band.isEmpty() &&
         width / static_cast<double>(stretch.line.size() - 1) >= kFarApart;
}

// The same measure of the compared trace.
const Curve* counterpart_of(const Panel& panel, std::size_t curve) {
  if (curve + 1 >= panel.curves.size()) return nullptr;
  const Curve& next = panel.curves[curve + 1];
  return next.compared && next.key.measure == panel.curves[curve].key.measure ? &next : nullptr;
}

QColor faded(QColor colour, int alpha) {
  colour.setAlpha(alpha);
  return colour;
}

}  // namespace

TimelinePainter::TimelinePainter(QPainter& painter, const Scene& scene, const Layout& layout,
                                 const Theme& theme)
    : painter_(painter),
      scene_(scene),
      layout_(layout),
      theme_(theme),
      time_(layout.time_axis(scene.range)) {}

void TimelinePainter::paint() {
  painter_.fillRect(layout_.whole, theme_.panel);
  for (std::size_t i = 0; i < scene_.panels.size(); ++i) {
    paint_panel(scene_.panels[i], layout_.panels[i]);
  }
  paint_time_axis();
  paint_markers();
  paint_line_styles();
  paint_cursor();
}

QColor TimelinePainter::colour_of(const Curve& curve) const {
  return curve.limit ? theme_.warning : theme_.colour_of(curve.colour);
}

void TimelinePainter::paint_time_axis() {
  const Duration step = time_.step(kTickSpacing);
  for (const Instant tick : time_.ticks(kTickSpacing)) {
    const double x = time_.x_of(tick);
    painter_.setPen(theme_.faint);
    painter_.drawLine(QPointF(x, layout_.axis.top()), QPointF(x, layout_.axis.top() + 4));
    // The outermost labels stay inside of the picture.
    const double half = kTickSpacing / 2;
    const double middle = std::clamp(x, half, layout_.whole.right() - half - 4);
    const auto align = middle < x ? Qt::AlignRight : middle > x ? Qt::AlignLeft : Qt::AlignHCenter;
    painter_.drawText(
        QRectF(middle - half, layout_.axis.top() + 5, kTickSpacing, layout_.axis.height() - 5),
        static_cast<int>(align | Qt::AlignTop), time_text(tick, step));
  }
}

void TimelinePainter::paint_markers() {
  double free_from = layout_.left;
  const QFontMetricsF font(painter_.font(), painter_.device());
  for (const Marker& marker : scene_.markers) {
    const double x = time_.x_of(marker.at);
    if (x < layout_.left - 0.5 || x > layout_.right + 0.5) continue;
    const QColor colour = marker.fault ? theme_.bad : theme_.faint;
    painter_.setPen(QPen(colour, 1, Qt::DashLine));
    const double top = layout_.markers.bottom() - 4;
    painter_.drawLine(QPointF(x, top), QPointF(x, layout_.axis.top()));
    painter_.setPen(colour);
    const double width = font.horizontalAdvance(marker.text) + 6;
    const double left = std::min(x + 3, layout_.right - width);
    if (left < free_from) continue;
    painter_.drawText(QRectF(left, layout_.markers.top(), width, layout_.markers.height()),
                      Qt::AlignLeft | Qt::AlignVCenter, marker.text);
    free_from = left + width + 4;
  }
}

void TimelinePainter::paint_panel(const Panel& panel, const PanelLayout& place) {
  const ValueAxis values = value_axis_of(panel, scene_.range, place.plot);
  paint_grid(panel, place, values);
  painter_.save();
  painter_.setClipRect(place.plot.adjusted(0, -1, 0, 1));
  painter_.setRenderHint(QPainter::Antialiasing);
  // Limits behind what they bound. Of curves that run together the later ones are dashed, so that
  // every colour is seen.
  for (const Curve& curve : panel.curves) {
    if (curve.limit) paint_curve(curve, values, Qt::DashLine);
  }
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    const Curve& curve = panel.curves[i];
    if (curve.limit) continue;
    const bool hides = std::any_of(
        panel.curves.begin(), panel.curves.begin() + static_cast<std::ptrdiff_t>(i),
        [&](const Curve& before) {
          return before.compared == curve.compared && run_together(before, curve, time_, values);
        });
    paint_curve(curve, values,
                curve.compared ? Qt::DotLine
                : hides        ? Qt::CustomDashLine
                               : Qt::SolidLine);
  }
  painter_.restore();
  paint_differences(panel, place, values);
  paint_legend(panel, place);
}

void TimelinePainter::paint_grid(const Panel& panel, const PanelLayout& place,
                                 const ValueAxis& values) {
  Q_UNUSED(panel)
  painter_.fillRect(place.plot, theme_.ground);
  if (scene_.highlight) {
    const double from = std::max(time_.x_of(scene_.highlight->from), place.plot.left());
    const double to = std::min(time_.x_of(scene_.highlight->to), place.plot.right());
    const double least = 2;  // a moment is seen, too
    if (to + least >= from) {
      painter_.fillRect(
          QRectF(from, place.plot.top(), std::max(to - from, least), place.plot.height()),
          theme_.highlight);
    }
  }
  painter_.setPen(theme_.grid);
  for (const Instant tick : time_.ticks(kTickSpacing)) {
    const double x = time_.x_of(tick);
    painter_.drawLine(QPointF(x, place.plot.top()), QPointF(x, place.plot.bottom()));
  }
  const double height = painter_.fontMetrics().height();
  for (const double tick : values.ticks()) {
    const double y = values.y_of(tick);
    painter_.setPen(theme_.grid);
    painter_.drawLine(QPointF(place.plot.left(), y), QPointF(place.plot.right(), y));
    painter_.setPen(theme_.faint);
    const double top = std::min(y - height / 2, place.plot.bottom() + 4 - height);
    painter_.drawText(QRectF(0, top, place.plot.left() - 6, height),
                      Qt::AlignRight | Qt::AlignVCenter, values.label(tick));
  }
}

void TimelinePainter::paint_curve(const Curve& curve, const ValueAxis& values, Qt::PenStyle style) {
  const QColor colour = colour_of(curve);
  QPen pen(colour, curve.limit ? kLimitWidth : kLineWidth);
  pen.setJoinStyle(Qt::BevelJoin);
  pen.setCapStyle(Qt::FlatCap);
  if (style == Qt::CustomDashLine) {
    pen.setDashPattern(kAlternating);
  } else {
    pen.setStyle(style);
  }
  for (const CurveStretch& stretch : stretches_of(curve, time_, values)) {
    const bool dense = is_dense(stretch);
    // Smoothing of what changes from pixel to pixel shows nothing and takes most of the time.
    painter_.setRenderHint(QPainter::Antialiasing, !dense);
    paint_band(stretch, faded(colour, curve.compared ? 28 : 56), dense);
    if (dense) pen.setWidth(0);
    painter_.setPen(pen);
    painter_.setBrush(Qt::NoBrush);
    painter_.drawPolyline(stretch.line);
    if (curve.limit || !dots_fit(stretch)) continue;
    painter_.setPen(Qt::NoPen);
    painter_.setBrush(colour);
    for (const QPointF& point : stretch.line) painter_.drawEllipse(point, 2, 2);
  }
}

void TimelinePainter::paint_band(const CurveStretch& stretch, const QColor& colour, bool dense) {
  if (stretch.band.isEmpty()) return;
  painter_.setPen(Qt::NoPen);
  painter_.setBrush(colour);
  if (!dense) {
    painter_.drawPolygon(stretch.band);
    return;
  }
  const qsizetype count = stretch.line.size();
  QList<QRectF> columns;
  columns.reserve(count);
  for (qsizetype i = 0; i < count; ++i) {
    const double left = stretch.line[i].x();
    const double right = i + 1 < count ? stretch.line[i + 1].x() : left + 1;
    const double top = stretch.band[i].y();
    const double bottom = stretch.band[2 * count - 1 - i].y();
    columns << QRectF(left, top, right - left, std::max(bottom - top, 1.0));
  }
  painter_.drawRects(columns);
}

void TimelinePainter::paint_differences(const Panel& panel, const PanelLayout& place,
                                        const ValueAxis& values) {
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    const Curve* other = counterpart_of(panel, i);
    if (other == nullptr || other->limit) continue;
    for (const Difference& difference : differences_of(panel.curves[i], *other, time_, values)) {
      painter_.fillRect(QRectF(difference.from, place.plot.bottom() + 2,
                               difference.to - difference.from, kDifferenceHeight),
                        faded(theme_.bad, 190));
    }
  }
}

void TimelinePainter::paint_legend(const Panel& panel, const PanelLayout& place) {
  const QFontMetricsF font(painter_.font(), painter_.device());
  painter_.setPen(theme_.faint);
  painter_.drawText(place.legend, Qt::AlignLeft | Qt::AlignTop, panel.unit);
  for (const LegendEntry& entry : place.entries) {
    const Curve& curve = panel.curves[entry.curve];
    const double middle = entry.place.top() + font.height() / 2;
    QPen pen(colour_of(curve), curve.limit ? 1.5 : 3);
    if (curve.limit) pen.setStyle(Qt::DashLine);
    painter_.setPen(pen);
    painter_.drawLine(QPointF(entry.place.left(), middle),
                      QPointF(entry.place.left() + kMarkSize, middle));
    painter_.setPen(curve.limit ? theme_.faint : theme_.text);
    QString text = entry.name;
    const auto value = scene_.cursor ? value_at(curve, *scene_.cursor) : std::nullopt;
    if (value) text += QStringLiteral("  ") + value_text(*value);
    const Curve* other = counterpart_of(panel, entry.curve);
    const auto other_value =
        other != nullptr && scene_.cursor ? value_at(*other, *scene_.cursor) : std::nullopt;
    if (other_value) text += QStringLiteral(" | ") + value_text(*other_value);
    painter_.drawText(entry.place.adjusted(kMarkSize + 5, 0, 0, 0), Qt::AlignLeft | Qt::AlignTop,
                      text);
  }
  if (place.left_out > 0) {
    painter_.setPen(theme_.faint);
    painter_.drawText(place.legend, Qt::AlignRight | Qt::AlignBottom,
                      QObject::tr("+%1 more").arg(place.left_out));
  }
}

void TimelinePainter::paint_line_styles() {
  if (layout_.styles.isEmpty()) return;
  const QFontMetricsF font(painter_.font(), painter_.device());
  const QStringList names{scene_.current_label, scene_.compared_label,
                          QObject::tr("apart by over 5 % of the axis")};
  const double middle = layout_.styles.center().y();
  double x = layout_.styles.left();
  for (int i = 0; i < names.size(); ++i) {
    QPen pen(i == 2 ? faded(theme_.bad, 190) : theme_.text,
             i == 2 ? kDifferenceHeight : kLineWidth);
    if (i == 1) pen.setStyle(Qt::DotLine);
    painter_.setPen(pen);
    painter_.drawLine(QPointF(x, middle), QPointF(x + 24, middle));
    painter_.setPen(theme_.text);
    painter_.drawText(QPointF(x + 30, middle + font.ascent() / 2 - 1), names[i]);
    x += font.horizontalAdvance(names[i]) + 50;
  }
}

void TimelinePainter::paint_cursor() {
  if (!scene_.cursor) return;
  const double x = time_.x_of(*scene_.cursor);
  if (x < layout_.left || x > layout_.right) return;
  painter_.setPen(QPen(theme_.crosshair, 1));
  painter_.drawLine(QPointF(x, layout_.markers.bottom()), QPointF(x, layout_.axis.top()));
  const QFontMetricsF font(painter_.font(), painter_.device());
  const QString text = time_text(*scene_.cursor, std::max(time_.step(8), Duration(1)));
  const double width = font.horizontalAdvance(text) + 10;
  const double left = std::clamp(x - width / 2, 0.0, layout_.whole.right() - width);
  const QRectF box(left, layout_.axis.top() + 2, width, font.height() + 4);
  painter_.fillRect(box, theme_.crosshair);
  painter_.setPen(theme_.ground);
  painter_.drawText(box, Qt::AlignCenter, text);
}

}  // namespace elblab::gui
