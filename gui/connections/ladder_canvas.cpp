#include "gui/connections/ladder_canvas.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "gui/connections/hop_details.hpp"
#include "gui/connections/ladder_painter.hpp"

namespace elblab::gui {

LadderCanvas::LadderCanvas(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  verticalScrollBar()->setSingleStep(20);
  horizontalScrollBar()->setSingleStep(20);
}

void LadderCanvas::show_ladder(Ladder ladder) {
  if (ladder == ladder_) return;
  ladder_ = std::move(ladder);
  selected_.reset();
  verticalScrollBar()->setValue(0);
  lay_out_again();
  Q_EMIT hop_selected();
}

void LadderCanvas::select_hop(std::optional<std::size_t> hop) {
  if (hop && *hop >= layout_.arrows.size()) hop.reset();
  selected_ = hop;
  if (hop) {
    const double y = layout_.arrows[*hop].line.y1();
    QScrollBar& bar = *verticalScrollBar();
    const double room = viewport()->height() - heading() - 40;
    if (y - 40 < bar.value()) bar.setValue(static_cast<int>(y - 40));
    if (y > bar.value() + room) bar.setValue(static_cast<int>(y - room));
  }
  viewport()->update();
  Q_EMIT hop_selected();
}

double LadderCanvas::heading() const {
  return LadderPainter::heading_height(QFontMetricsF(font()));
}

void LadderCanvas::lay_out_again() {
  const QFontMetricsF metrics(font());
  layout_ = lay_out(ladder_, viewport()->width(), metrics);
  const double room = viewport()->height() - heading();
  verticalScrollBar()->setPageStep(static_cast<int>(std::max(room, 1.0)));
  verticalScrollBar()->setRange(
      0, static_cast<int>(std::max(0.0, std::ceil(layout_.size.height() - room))));
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setRange(
      0, static_cast<int>(std::max(0.0, std::ceil(layout_.size.width() - viewport()->width()))));
  viewport()->update();
}

void LadderCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(font());
  const LadderPainter ladder(ladder_, layout_, Theme::of(palette()));
  const double down = verticalScrollBar()->value();
  const double right = horizontalScrollBar()->value();
  const QRectF exposed(0, down, std::max<double>(layout_.size.width(), viewport()->width() + right),
                       viewport()->height() - heading());
  painter.save();
  painter.setClipRect(QRectF(0, heading(), viewport()->width(), exposed.height()));
  painter.translate(-right, heading() - down);
  ladder.paint_body(painter, exposed, selected_);
  painter.restore();
  painter.translate(-right, 0);
  ladder.paint_heading(painter);
}

void LadderCanvas::paint_picture(QPainter& painter, const QRectF& target) const {
  const QFontMetricsF metrics(font());
  // Smaller rather than cut off.
  const double scale = std::min(1.0, target.width() / least_ladder_width(ladder_.lanes.size()));
  const double width = target.width() / scale;
  const LadderLayout layout = lay_out(ladder_, width, metrics);
  const Theme& theme = Theme::of(palette());
  const LadderPainter ladder(ladder_, layout, theme);
  const double room = target.height() / scale - heading();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(font());
  painter.translate(target.topLeft());
  painter.setClipRect(QRectF(0, 0, target.width(), target.height()));
  painter.scale(scale, scale);
  ladder.paint_heading(painter);
  painter.translate(0, heading());
  ladder.paint_body(painter, QRectF(0, 0, width, room), selected_);
  if (layout.size.height() > room) {
    const auto beyond = std::count_if(
        layout.arrows.begin(), layout.arrows.end(),
        [&](const LadderArrow& arrow) { return arrow.line.y1() > room - metrics.height() - 6; });
    const QRectF foot(0, room - metrics.height() - 4, width, metrics.height() + 4);
    painter.fillRect(foot, theme.panel);
    painter.setPen(theme.faint);
    painter.drawText(foot, Qt::AlignCenter, tr("… %n more", nullptr, static_cast<int>(beyond)));
  }
  painter.restore();
}

void LadderCanvas::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  lay_out_again();
}

std::optional<std::size_t> LadderCanvas::hop_at(QPointF position) const {
  if (position.y() < heading()) return std::nullopt;
  const QPointF on_page =
      position + QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value() - heading());
  for (const LadderArrow& arrow : layout_.arrows) {
    if (arrow.label.adjusted(-8, -2, 8, 10).contains(on_page)) return arrow.hop;
  }
  return std::nullopt;
}

void LadderCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) select_hop(hop_at(event->position()));
}

void LadderCanvas::keyPressEvent(QKeyEvent* event) {
  const std::size_t hops = layout_.arrows.size();
  if (hops == 0 || (event->key() != Qt::Key_Up && event->key() != Qt::Key_Down)) {
    QAbstractScrollArea::keyPressEvent(event);
    return;
  }
  if (!selected_) return select_hop(0);
  if (event->key() == Qt::Key_Down) return select_hop(std::min(*selected_ + 1, hops - 1));
  select_hop(*selected_ == 0 ? 0 : *selected_ - 1);
}

bool LadderCanvas::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto& help = static_cast<const QHelpEvent&>(*event);
  const std::optional<std::size_t> hop = hop_at(help.pos());
  if (hop) {
    QToolTip::showText(help.globalPos(), hop_details(ladder_, ladder_.hops[*hop]), this);
  } else {
    QToolTip::hideText();
  }
  return true;
}

void LadderCanvas::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
    lay_out_again();
  }
}

}  // namespace elblab::gui
