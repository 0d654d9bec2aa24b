// Levels beside what bounds them, one below the other: how full, when, for how long.
//
// Each meter is a name, a bar of its peak, the curve of its level over the run with the limit, and
// the figures in words. Arrow keys walk; Enter or a click chooses.
#pragma once

#include <QAbstractScrollArea>
#include <QString>
#include <optional>
#include <vector>

#include "analysis/metrics/metrics.hpp"

namespace elblab::gui {

struct Meter {
  metrics::Occupancy of;
  std::vector<double> shares;  // of the limit, 0 … 1, the largest in each column of the run
};

class Meters : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit Meters(QWidget* parent = nullptr);

  void show_meters(std::vector<Meter> meters);
  std::size_t count() const { return meters_.size(); }
  std::optional<std::size_t> chosen() const { return chosen_; }

  void paint_picture(QPainter& painter, const QRectF& target) const;

 Q_SIGNALS:
  void meter_chosen(std::size_t index);

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  double row_height() const;
  void paint_rows(QPainter& painter, const QRectF& target, double scrolled) const;
  void paint_row(QPainter& painter, const QRectF& where, const Meter& meter, bool chosen) const;
  void paint_curve(QPainter& painter, const QRectF& where, const Meter& meter) const;
  void choose(std::size_t index);

  std::vector<Meter> meters_;
  std::optional<std::size_t> chosen_;
};

// "28,232 of 28,232 sockets (100 %) at 60.2 s, full for 239 s"
QString occupancy_text(const metrics::Occupancy& of);

}  // namespace elblab::gui
