// The view `timeseries`: curves of any measures over one time axis, with limits, events and a
// crosshair; of two traces, one laid over the other with the differences marked.
#pragma once

#include "gui/timeline/curve_loader.hpp"
#include "gui/timeline/scene.hpp"
#include "gui/views/view.hpp"

class QScrollArea;

namespace elblab::gui {

class SeriesChooser;
class TimelineCanvas;

class TimelineView : public View {
  Q_OBJECT

 public:
  explicit TimelineView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;
  QJsonObject settings() const override;
  void restore(const QJsonObject& settings) override;

 protected:
  void traces_changed() override;
  void range_changed() override { rebuild(); }
  void measures_changed() override { rebuild(); }
  void highlight_changed() override { rebuild(); }
  void cursor_changed() override;

 private:
  // Those chosen, else the scenario's.
  std::vector<std::string> measures() const;
  TimeRange whole() const;
  // Asks for what is missing and shows what is there.
  void rebuild();
  void show_loaded();
  Scene scene() const;
  void fill_chooser();
  void ask_for_markers();
  QWidget* make_bar();

  CurveLoader loader_;
  std::vector<Panel> panels_;
  std::vector<Marker> markers_;                 // of the current trace
  std::pair<int, std::uint64_t> markers_of_{};  // trace and state of its file
  LatestRequest marker_request_;
  SeriesChooser* chooser_;
  TimelineCanvas* canvas_;
  QScrollArea* scroll_;
};

}  // namespace elblab::gui
