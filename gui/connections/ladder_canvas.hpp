// The ladder as a widget: heading on top, hops below it, which scroll; Up and Down walk along them.
#pragma once

#include <QAbstractScrollArea>
#include <optional>

#include "gui/connections/ladder_layout.hpp"

namespace elblab::gui {

class LadderCanvas : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit LadderCanvas(QWidget* parent = nullptr);

  // From its beginning; the one that is shown already stays as it is, with the hop selected.
  void show_ladder(Ladder ladder);
  const Ladder& ladder() const { return ladder_; }
  const LadderLayout& layout_of_ladder() const { return layout_; }
  const std::optional<std::size_t>& selected_hop() const { return selected_; }
  void select_hop(std::optional<std::size_t> hop);

  // The ladder from its beginning, as much as there is room for; what is left out is told.
  void paint_picture(QPainter& painter, const QRectF& target) const;

 Q_SIGNALS:
  void hop_selected();

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void lay_out_again();
  double heading() const;
  std::optional<std::size_t> hop_at(QPointF viewport_position) const;

  Ladder ladder_;
  LadderLayout layout_;
  std::optional<std::size_t> selected_;
};

}  // namespace elblab::gui
