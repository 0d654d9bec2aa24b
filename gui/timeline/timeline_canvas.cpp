#include "gui/timeline/timeline_canvas.hpp"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/theme/theme.hpp"
#include "gui/timeline/timeline_painter.hpp"

namespace elblab::gui {
namespace {

constexpr double kWheelFactor = 0.8;  // per notch
constexpr double kKeyFactor = 0.5;
constexpr double kPanShare = 0.2;
constexpr double kClick = 4;  // pixels; a shorter drag marks nothing
constexpr double kNotch = 120;

}  // namespace

TimelineCanvas::TimelineCanvas(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("canvas"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::CrossCursor);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Time series"));
}

void TimelineCanvas::show_scene(Scene scene, TimeRange whole) {
  scene_ = std::move(scene);
  whole_ = whole;
  update();
}

Layout TimelineCanvas::layout() const { return layout_of(scene_, size(), fontMetrics()); }

TimeAxis TimelineCanvas::axis() const { return layout().time_axis(scene_.range); }

int TimelineCanvas::columns() const {
  const Layout places = layout();
  return std::max(1, static_cast<int>(places.right - places.left));
}

void TimelineCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Layout places = layout();
  const Theme& theme = Theme::of(palette());
  TimelinePainter(painter, scene_, places, theme).paint();
  if (drag_ == Drag::mark) {
    QColor colour = theme.series[0];
    painter.setPen(colour);
    colour.setAlpha(50);
    painter.setBrush(colour);
    painter.drawRect(
        QRectF(QPointF(drag_from_, places.markers.bottom()), QPointF(drag_to_, places.axis.top())));
  }
  painter.end();
  Q_EMIT painted();
}

void TimelineCanvas::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  Q_EMIT resized();
}

void TimelineCanvas::wish(TimeRange range) {
  if (range.length() < Selection::kShortest) return;
  range = within(range, whole_);
  if (range == whole_) {
    Q_EMIT whole_wanted();
  } else if (range != scene_.range) {
    Q_EMIT range_wanted(range);
  }
}

void TimelineCanvas::zoom(Instant fixed, double factor) {
  wish(scaled(scene_.range, fixed, factor));
}

void TimelineCanvas::pan(double share) {
  const Duration by(std::llround(static_cast<double>(scene_.range.length().count()) * share));
  wish({scene_.range.from + by, scene_.range.to + by});
}

void TimelineCanvas::wheelEvent(QWheelEvent* event) {
  const QPoint turned = event->angleDelta();
  const bool sideways = std::abs(turned.x()) > std::abs(turned.y());
  const double notches = (sideways ? turned.x() : turned.y()) / kNotch;
  if (sideways || event->modifiers().testFlag(Qt::ShiftModifier)) {
    pan(-notches * kPanShare);
  } else {
    zoom(axis().at(event->position().x()), std::pow(kWheelFactor, notches));
  }
  event->accept();
}

void TimelineCanvas::mousePressEvent(QMouseEvent* event) {
  const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && shift)) {
    drag_ = Drag::pan;
    setCursor(Qt::ClosedHandCursor);
  } else if (event->button() == Qt::LeftButton) {
    drag_ = Drag::mark;
  } else {
    return;
  }
  drag_from_ = drag_to_ = event->position().x();
  drag_range_ = scene_.range;
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* event) {
  const TimeAxis now = axis();
  const double x = event->position().x();
  drag_to_ = std::clamp(x, now.left(), now.right());
  if (drag_ == Drag::pan) {
    const Duration by = now.per_pixel() * std::llround(drag_from_ - x);
    wish({drag_range_.from + by, drag_range_.to + by});
  } else if (drag_ == Drag::mark) {
    update();
  }
  if (x >= now.left() && x <= now.right()) {
    Q_EMIT pointed_at(now.at(x));
  } else {
    Q_EMIT pointed_at(std::nullopt);
  }
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent* event) { end_drag(event->position().x()); }

void TimelineCanvas::end_drag(double x) {
  const Drag ended = std::exchange(drag_, Drag::none);
  setCursor(Qt::CrossCursor);
  update();
  if (ended != Drag::mark || std::abs(x - drag_from_) < kClick) return;
  const TimeAxis now = axis();
  const double left = std::clamp(std::min(drag_from_, x), now.left(), now.right());
  const double right = std::clamp(std::max(drag_from_, x), now.left(), now.right());
  wish({now.at(left), now.at(right)});
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent*) {
  drag_ = Drag::none;
  Q_EMIT whole_wanted();
}

void TimelineCanvas::keyPressEvent(QKeyEvent* event) {
  const Instant middle =
      scene_.cursor && *scene_.cursor >= scene_.range.from && *scene_.cursor <= scene_.range.to
          ? *scene_.cursor
          : scene_.range.from + scene_.range.length() / 2;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(middle, kKeyFactor);
    case Qt::Key_Minus:
      return zoom(middle, 1 / kKeyFactor);
    case Qt::Key_Left:
      return pan(-kPanShare);
    case Qt::Key_Right:
      return pan(kPanShare);
    case Qt::Key_Home:
      return wish({whole_.from, whole_.from + scene_.range.length()});
    case Qt::Key_End:
      return wish({whole_.to - scene_.range.length(), whole_.to});
    case Qt::Key_0:
      Q_EMIT whole_wanted();
      return;
    default:
      QWidget::keyPressEvent(event);
  }
}

void TimelineCanvas::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  Q_EMIT pointed_at(std::nullopt);
}

}  // namespace elblab::gui
