// A map of cells, client × server, the stronger the more: an own painter, since it may have
// thousands of rows, which scroll. The arrow keys walk from cell to cell.
#pragma once

#include <QAbstractScrollArea>
#include <QPoint>
#include <QStringList>
#include <optional>
#include <vector>

namespace elblab::gui {

struct HeatCells {
  QStringList rows;            // clients
  QStringList columns;         // servers
  std::vector<double> values;  // row by row
  QString unit;                // "connections"
  double most = 0;
  double at(int row, int column) const {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns.size()) +
                  static_cast<std::size_t>(column)];
  }
  bool operator==(const HeatCells&) const = default;
};

class HeatMap : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit HeatMap(QWidget* parent = nullptr);

  // The cell chosen stays chosen as long as its client and its server are there.
  void show_cells(const HeatCells& cells);
  const HeatCells& cells() const { return cells_; }
  // x: column, y: row.
  const std::optional<QPoint>& chosen() const { return chosen_; }
  QString text_of(QPoint cell) const;

  void paint_picture(QPainter& painter, const QRectF& target) const;

 Q_SIGNALS:
  void cell_chosen();

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  // Of a page of this width.
  struct Grid {
    double left = 0;  // width of the names of rows
    double top = 0;   // height of the names of columns
    double cell_width = 0;
    double cell_height = 0;
  };
  Grid grid_for(double width) const;
  void paint_grid(QPainter& painter, const QRectF& target, const Grid& grid, double scrolled_x,
                  double scrolled_y) const;
  void paint_cell(QPainter& painter, const QRectF& where, QPoint cell) const;
  void fit_scroll_bars();
  std::optional<QPoint> cell_at(QPointF position) const;
  void choose(std::optional<QPoint> cell);
  // Where the client and the server of that cell of cells_ stand in others.
  std::optional<QPoint> cell_named(const HeatCells& cells, QPoint like) const;

  HeatCells cells_;
  std::optional<QPoint> chosen_;
};

}  // namespace elblab::gui
