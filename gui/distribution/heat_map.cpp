#include "gui/distribution/heat_map.hpp"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "gui/theme/theme.hpp"

namespace elblab::gui {
namespace {

constexpr double kLeastCell = 46;
constexpr double kMostCell = 150;
constexpr int kMostMeasuredNames = 200;

QString short_number(double value) {
  if (value >= 1e9) return QStringLiteral("%1G").arg(value / 1e9, 0, 'g', 3);
  if (value >= 1e6) return QStringLiteral("%1M").arg(value / 1e6, 0, 'g', 3);
  if (value >= 1e4) return QStringLiteral("%1k").arg(value / 1e3, 0, 'f', value < 1e5 ? 1 : 0);
  return QStringLiteral("%1").arg(value, 0, 'f', 0);
}

}  // namespace

HeatMap::HeatMap(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
}

void HeatMap::show_cells(const HeatCells& cells) {
  if (cells == cells_) return;
  const std::optional<QPoint> kept = chosen_ ? cell_named(cells, *chosen_) : std::nullopt;
  cells_ = cells;
  chosen_ = kept;
  fit_scroll_bars();
  viewport()->update();
  Q_EMIT cell_chosen();
}

std::optional<QPoint> HeatMap::cell_named(const HeatCells& cells, QPoint like) const {
  const QPoint cell(static_cast<int>(cells.columns.indexOf(cells_.columns[like.x()])),
                    static_cast<int>(cells.rows.indexOf(cells_.rows[like.y()])));
  if (cell.x() < 0 || cell.y() < 0) return std::nullopt;
  return cell;
}

HeatMap::Grid HeatMap::grid_for(double width) const {
  const QFontMetricsF metrics(font());
  Grid grid;
  for (int row = 0; row < std::min<int>(static_cast<int>(cells_.rows.size()), kMostMeasuredNames);
       ++row) {
    grid.left = std::max(grid.left, metrics.horizontalAdvance(cells_.rows[row]));
  }
  grid.left = std::min(grid.left + 16, width / 3);
  grid.top = metrics.height() + 10;
  grid.cell_height = metrics.height() + 8;
  const double room = width - grid.left - 8;
  const auto columns = static_cast<double>(std::max<qsizetype>(cells_.columns.size(), 1));
  grid.cell_width = std::clamp(room / columns, kLeastCell, kMostCell);
  return grid;
}

void HeatMap::fit_scroll_bars() {
  const Grid grid = grid_for(viewport()->width());
  const double rows = grid.cell_height * static_cast<double>(cells_.rows.size());
  const double columns = grid.cell_width * static_cast<double>(cells_.columns.size());
  const double room_y = viewport()->height() - grid.top;
  const double room_x = viewport()->width() - grid.left;
  verticalScrollBar()->setRange(0, static_cast<int>(std::max(0.0, std::ceil(rows - room_y))));
  verticalScrollBar()->setPageStep(static_cast<int>(std::max(room_y, 1.0)));
  verticalScrollBar()->setSingleStep(static_cast<int>(grid.cell_height));
  horizontalScrollBar()->setRange(0, static_cast<int>(std::max(0.0, std::ceil(columns - room_x))));
  horizontalScrollBar()->setPageStep(static_cast<int>(std::max(room_x, 1.0)));
  horizontalScrollBar()->setSingleStep(static_cast<int>(grid.cell_width));
}

void HeatMap::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  fit_scroll_bars();
}

void HeatMap::paint_cell(QPainter& painter, const QRectF& where, QPoint cell) const {
  const Theme& theme = Theme::of(palette());
  const double value = cells_.at(cell.y(), cell.x());
  const double part = cells_.most > 0 ? value / cells_.most : 0;
  // Something is told from nothing, however little it is.
  const QColor ground = theme.heat(value > 0 ? 0.06 + 0.94 * part : 0);
  painter.fillRect(where.adjusted(0.5, 0.5, -0.5, -0.5), ground);
  const bool dark_ground = ground.lightnessF() < 0.55;
  painter.setPen(dark_ground ? QColor(Qt::white) : QColor(Qt::black));
  if (value > 0) painter.drawText(where, Qt::AlignCenter, short_number(value));
  if (chosen_ == cell) {
    painter.setPen(QPen(theme.text, 2));
    painter.drawRect(where.adjusted(1, 1, -1, -1));
  }
}

void HeatMap::paint_grid(QPainter& painter, const QRectF& target, const Grid& grid,
                         double scrolled_x, double scrolled_y) const {
  const Theme& theme = Theme::of(palette());
  const QFontMetricsF metrics(font());
  painter.fillRect(target, theme.ground);
  painter.setFont(font());
  const int rows = static_cast<int>(cells_.rows.size());
  const int columns = static_cast<int>(cells_.columns.size());
  const QRectF body = target.adjusted(grid.left, grid.top, 0, 0);
  const int first_row = std::max(0, static_cast<int>(scrolled_y / grid.cell_height));
  const int first_column = std::max(0, static_cast<int>(scrolled_x / grid.cell_width));
  const auto x_of = [&](int column) { return body.left() + column * grid.cell_width - scrolled_x; };
  const auto y_of = [&](int row) { return body.top() + row * grid.cell_height - scrolled_y; };
  painter.save();
  painter.setClipRect(body);
  for (int row = first_row; row < rows && y_of(row) < body.bottom(); ++row) {
    for (int column = first_column; column < columns && x_of(column) < body.right(); ++column) {
      const QRectF where(x_of(column), y_of(row), grid.cell_width, grid.cell_height);
      paint_cell(painter, where, {column, row});
    }
  }
  painter.setClipRect(QRectF(target.left(), body.top(), grid.left, body.height()));
  painter.setPen(theme.text);
  for (int row = first_row; row < rows && y_of(row) < body.bottom(); ++row) {
    const QRectF where(target.left() + 4, y_of(row), grid.left - 12, grid.cell_height);
    painter.drawText(where, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(cells_.rows[row], Qt::ElideMiddle, where.width()));
  }
  painter.setClipRect(QRectF(body.left(), target.top(), body.width(), grid.top));
  for (int column = first_column; column < columns && x_of(column) < body.right(); ++column) {
    const QRectF where(x_of(column) + 2, target.top(), grid.cell_width - 4, grid.top);
    painter.drawText(where, Qt::AlignCenter,
                     metrics.elidedText(cells_.columns[column], Qt::ElideMiddle, where.width()));
  }
  painter.restore();
}

void HeatMap::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  paint_grid(painter, viewport()->rect(), grid_for(viewport()->width()),
             horizontalScrollBar()->value(), verticalScrollBar()->value());
}

void HeatMap::paint_picture(QPainter& painter, const QRectF& target) const {
  paint_grid(painter, target, grid_for(target.width()), 0, 0);
}

QString HeatMap::text_of(QPoint cell) const {
  const double value = cells_.at(cell.y(), cell.x());
  double row = 0;
  for (int column = 0; column < cells_.columns.size(); ++column) row += cells_.at(cell.y(), column);
  return tr("%1 → %2: %3 %4, %5 % of the client's")
      .arg(cells_.rows[cell.y()], cells_.columns[cell.x()],
           QLocale(QLocale::English).toString(value, 'f', 0), cells_.unit)
      .arg(row > 0 ? value / row * 100 : 0, 0, 'f', 1);
}

std::optional<QPoint> HeatMap::cell_at(QPointF position) const {
  const Grid grid = grid_for(viewport()->width());
  const double x = position.x() - grid.left;
  const double y = position.y() - grid.top;
  if (x < 0 || y < 0) return std::nullopt;
  const QPoint cell(static_cast<int>((x + horizontalScrollBar()->value()) / grid.cell_width),
                    static_cast<int>((y + verticalScrollBar()->value()) / grid.cell_height));
  if (cell.x() >= cells_.columns.size() || cell.y() >= cells_.rows.size()) return std::nullopt;
  return cell;
}

void HeatMap::choose(std::optional<QPoint> cell) {
  chosen_ = cell;
  if (cell) {
    const Grid grid = grid_for(viewport()->width());
    const auto show = [](QScrollBar& bar, double low, double high, double room) {
      if (low < bar.value()) bar.setValue(static_cast<int>(low));
      if (high > bar.value() + room) bar.setValue(static_cast<int>(std::ceil(high - room)));
    };
    show(*verticalScrollBar(), cell->y() * grid.cell_height, (cell->y() + 1) * grid.cell_height,
         viewport()->height() - grid.top);
    show(*horizontalScrollBar(), cell->x() * grid.cell_width, (cell->x() + 1) * grid.cell_width,
         viewport()->width() - grid.left);
  }
  viewport()->update();
  Q_EMIT cell_chosen();
}

void HeatMap::mousePressEvent(QMouseEvent* event) { choose(cell_at(event->position())); }

void HeatMap::keyPressEvent(QKeyEvent* event) {
  QPoint step;
  if (event->key() == Qt::Key_Left) step = {-1, 0};
  if (event->key() == Qt::Key_Right) step = {1, 0};
  if (event->key() == Qt::Key_Up) step = {0, -1};
  if (event->key() == Qt::Key_Down) step = {0, 1};
  if (step.isNull() || cells_.values.empty()) return QAbstractScrollArea::keyPressEvent(event);
  const QPoint to = chosen_ ? *chosen_ + step : QPoint(0, 0);
  choose(QPoint(std::clamp(to.x(), 0, static_cast<int>(cells_.columns.size()) - 1),
                std::clamp(to.y(), 0, static_cast<int>(cells_.rows.size()) - 1)));
}

bool HeatMap::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto& help = static_cast<const QHelpEvent&>(*event);
  const std::optional<QPoint> cell = cell_at(help.pos());
  QToolTip::showText(help.globalPos(), cell ? text_of(*cell) : QString(), this);
  return true;
}

}  // namespace elblab::gui
