// The view `heatmap`: which client had how much from which server.
#pragma once

#include "gui/distribution/heat_map.hpp"
#include "gui/traces/trace_answers.hpp"
#include "gui/views/view.hpp"

class QComboBox;

namespace elblab::gui {

class HeatmapView : public View {
  Q_OBJECT

 public:
  explicit HeatmapView(ViewContext context, QWidget* parent = nullptr);

  QString empty_text() const override;
  void paint(QPainter& painter, QSize size) override;
  DataTable table() const override;
  QJsonObject settings() const override;
  void restore(const QJsonObject& settings) override;

 protected:
  void traces_changed() override;

 private:
  // Both amounts of every cell.
  struct Traffic {
    HeatCells connections;
    HeatCells bytes;
    std::size_t clients = 0;  // before the rest became "others"
  };
  static Traffic read(const trace::Reader& trace);
  const HeatCells* cells() const;
  void draw();
  QString state_text() const;

  TraceAnswers<Traffic> traffic_;
  HeatMap* map_;
  QComboBox* amount_;
  QLabel* state_;
};

}  // namespace elblab::gui
