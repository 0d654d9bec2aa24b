// The surface on which time series are painted and handled: wheel, drag, keys, crosshair.
//
//   wheel              zoom around the mouse; with Shift: pan
//   drag               zoom to the stretch marked
//   drag with the middle button, or with Shift    pan
//   double click, 0    the whole run
//   + -  ← →  Home End     zoom and pan
//
// It shows what it is given and tells what the hand wants; the view answers.
#pragma once

#include <QWidget>
#include <optional>

#include "gui/timeline/layout.hpp"
#include "gui/timeline/scene.hpp"

namespace elblab::gui {

class TimelineCanvas : public QWidget {
  Q_OBJECT

 public:
  explicit TimelineCanvas(QWidget* parent = nullptr);

  // `whole` bounds what the hand may ask for.
  void show_scene(Scene scene, TimeRange whole);
  const Scene& scene() const { return scene_; }
  // Pixel columns of a plot: how many buckets are worth asking for.
  int columns() const;

 Q_SIGNALS:
  void range_wanted(elblab::gui::TimeRange range);
  void whole_wanted();
  void pointed_at(std::optional<elblab::Instant> at);
  void resized();
  void painted();  // a frame stands on the screen

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  enum class Drag : std::uint8_t { none, mark, pan };

  Layout layout() const;
  TimeAxis axis() const;
  void zoom(Instant fixed, double factor);
  void pan(double share);  // of the range, to the right
  void wish(TimeRange range);
  void end_drag(double x);

  Scene scene_;
  TimeRange whole_;
  Drag drag_ = Drag::none;
  double drag_from_ = 0;
  double drag_to_ = 0;
  TimeRange drag_range_;
};

}  // namespace elblab::gui
