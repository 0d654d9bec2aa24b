#include "gui/distribution/meters.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"
#include "gui/theme/theme.hpp"

namespace elblab::gui {
namespace {

constexpr double kAlmostFull = 0.9;
constexpr double kFull = 0.99;

QString number(double value) { return QString::fromStdString(expectations::number_text(value)); }

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

const QColor& colour_of(double share, const Theme& theme) {
  if (share >= kFull) return theme.bad;
  return share >= kAlmostFull ? theme.warning : theme.series[0];
}

QColor pale(QColor colour) {
  colour.setAlpha(70);
  return colour;
}

}  // namespace

QString occupancy_text(const metrics::Occupancy& of) {
  if (of.peak <= 0) {
    return QObject::tr("stayed at 0 of %1 %2")
        .arg(number(of.limit), QString::fromStdString(of.unit));
  }
  const QString share =
      QString::number(of.share * 100, 'f', of.share > 0 && of.share < 0.1 ? 1 : 0);
  QString text = of.unit == "%" ? QObject::tr("%1 %").arg(share)
                                : QObject::tr("%1 of %2 %3 (%4 %)")
                                      .arg(number(of.peak), number(of.limit),
                                           QString::fromStdString(of.unit), share);
  text += QObject::tr(" at %1 s").arg(seconds(of.peak_at - kStart), 0, 'f', 1);
  if (of.full > Duration::zero()) {
    text += QObject::tr(", full for %1 s").arg(seconds(of.full), 0, 'f', 1);
  }
  return text;
}

Meters::Meters(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void Meters::show_meters(std::vector<Meter> meters) {
  // The same level, wherever it stands now.
  if (chosen_) {
    const std::string measure = meters_[*chosen_].of.measure;
    const auto now = std::find_if(meters.begin(), meters.end(),
                                  [&](const Meter& one) { return one.of.measure == measure; });
    chosen_.reset();
    if (now != meters.end()) chosen_ = static_cast<std::size_t>(now - meters.begin());
  }
  meters_ = std::move(meters);
  resizeEvent(nullptr);
  viewport()->update();
}

double Meters::row_height() const { return 2 * QFontMetricsF(font()).height() + 16; }

void Meters::resizeEvent(QResizeEvent*) {
  const double height = row_height() * static_cast<double>(meters_.size());
  const double room = viewport()->height();
  verticalScrollBar()->setRange(0, static_cast<int>(std::max(0.0, std::ceil(height - room))));
  verticalScrollBar()->setPageStep(static_cast<int>(room));
  verticalScrollBar()->setSingleStep(static_cast<int>(row_height()));
}

void Meters::paint_curve(QPainter& painter, const QRectF& where, const Meter& meter) const {
  const Theme& theme = Theme::of(palette());
  painter.fillRect(where, theme.panel);
  painter.setPen(QPen(theme.faint, 1, Qt::DashLine));
  painter.drawLine(where.topLeft(), where.topRight());
  if (meter.shares.empty()) return;
  const double step = where.width() / static_cast<double>(meter.shares.size());
  QPainterPath level(where.bottomLeft());
  double x = where.left();
  for (const double share : meter.shares) {
    const double y = where.bottom() - std::clamp(share, 0.0, 1.0) * where.height();
    level.lineTo(x, y);
    level.lineTo(x += step, y);
  }
  level.lineTo(where.bottomRight());
  const QColor& colour = colour_of(meter.of.share, theme);
  painter.fillPath(level, pale(colour));
  painter.setPen(QPen(colour, 1));
  painter.drawPath(level);
}

void Meters::paint_row(QPainter& painter, const QRectF& where, const Meter& meter,
                       bool chosen) const {
  const Theme& theme = Theme::of(palette());
  if (chosen) painter.fillRect(where, theme.highlight);
  const QFontMetricsF metrics(font());
  const double line = metrics.height();
  const QColor& colour = colour_of(meter.of.share, theme);
  // Left: name and figures; right: the run.
  const double middle = where.left() + std::max(where.width() * 0.55, where.width() - 420);
  const QRectF words(where.left() + 10, where.top() + 4, middle - where.left() - 24, line);
  const QString percent = QStringLiteral("%1 %").arg(
      meter.of.share * 100, 0, 'f', meter.of.share > 0 && meter.of.share < 0.1 ? 1 : 0);
  painter.setPen(theme.text);
  painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(QString::fromStdString(meter.of.measure), Qt::ElideRight,
                                      words.width() - metrics.horizontalAdvance(percent) - 8));
  painter.setPen(colour);
  painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, percent);
  const QRectF bar(words.left(), words.bottom() + 2, words.width(), 4);
  painter.fillRect(bar, theme.grid);
  painter.fillRect(QRectF(bar.topLeft(),
                          QSizeF(bar.width() * std::clamp(meter.of.share, 0.0, 1.0), bar.height())),
                   colour);
  painter.setPen(theme.faint);
  painter.drawText(QRectF(words.left(), bar.bottom() + 2, words.width(), line),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(occupancy_text(meter.of), Qt::ElideRight, words.width()));
  paint_curve(painter,
              QRectF(middle, where.top() + 6, where.right() - middle - 10, where.height() - 14),
              meter);
  painter.setPen(theme.grid);
  painter.drawLine(where.bottomLeft(), where.bottomRight());
}

void Meters::paint_rows(QPainter& painter, const QRectF& target, double scrolled) const {
  painter.fillRect(target, Theme::of(palette()).ground);
  painter.setFont(font());
  const double height = row_height();
  const auto first = static_cast<std::size_t>(std::max(0.0, scrolled / height));
  for (std::size_t i = first; i < meters_.size(); ++i) {
    const QRectF where(target.left(), target.top() + static_cast<double>(i) * height - scrolled,
                       target.width(), height);
    if (where.top() >= target.bottom()) break;
    paint_row(painter, where, meters_[i], chosen_ == i);
  }
}

void Meters::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  paint_rows(painter, viewport()->rect(), verticalScrollBar()->value());
}

void Meters::paint_picture(QPainter& painter, const QRectF& target) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setClipRect(target);
  paint_rows(painter, target, 0);
  painter.restore();
}

void Meters::choose(std::size_t index) {
  if (index >= meters_.size()) return;
  chosen_ = index;
  const double top = static_cast<double>(index) * row_height();
  QScrollBar& bar = *verticalScrollBar();
  if (top < bar.value()) bar.setValue(static_cast<int>(top));
  const double below = top + row_height() - viewport()->height();
  if (below > bar.value()) bar.setValue(static_cast<int>(std::ceil(below)));
  viewport()->update();
  Q_EMIT meter_chosen(index);
}

void Meters::mousePressEvent(QMouseEvent* event) {
  const double y = event->position().y() + verticalScrollBar()->value();
  choose(static_cast<std::size_t>(std::max(0.0, y / row_height())));
}

void Meters::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Down) return choose(chosen_ ? *chosen_ + 1 : 0);
  if (event->key() == Qt::Key_Up && chosen_ && *chosen_ > 0) return choose(*chosen_ - 1);
  QAbstractScrollArea::keyPressEvent(event);
}

bool Meters::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto& help = static_cast<const QHelpEvent&>(*event);
  const auto index =
      static_cast<std::size_t>((help.pos().y() + verticalScrollBar()->value()) / row_height());
  QToolTip::showText(help.globalPos(),
                     index < meters_.size() ? occupancy_text(meters_[index].of) : QString(), this);
  return true;
}

}  // namespace elblab::gui
