// The view `occupancy`: TIME_WAIT, ports, queues, CPU and bandwidth against their limits, the
// fullest first.
#pragma once

#include "gui/distribution/meters.hpp"
#include "gui/traces/trace_answers.hpp"
#include "gui/views/view.hpp"

namespace elblab::gui {

class OccupancyView : public View {
  Q_OBJECT

 public:
  explicit OccupancyView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;

 protected:
  void traces_changed() override;

 private:
  static std::vector<Meter> read(const trace::Reader& trace);
  void draw();
  void choose(std::size_t index);

  TraceAnswers<std::vector<Meter>> answers_;
  Meters* meters_;
  QLabel* compared_;
};

}  // namespace elblab::gui
