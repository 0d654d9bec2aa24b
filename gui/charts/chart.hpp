// The one place that knows Qt Charts: bars, stacked areas and distributions in the colours of the
// theme. Qt Charts is deprecated after Qt 6.9; another library would be fitted in here.
//
// For up to some thousands of points; curves of whole runs are drawn by gui/timeline. A tooltip
// tells the value under the mouse. The colours follow the palette of the widget.
#pragma once

#include <QWidget>
#include <variant>

#include "gui/charts/chart_data.hpp"

namespace elblab::gui {

class Chart : public QWidget {
  Q_OBJECT

 public:
  explicit Chart(QWidget* parent = nullptr);
  ~Chart() override;

  void show_bars(BarChart bars);
  void show_areas(AreaChart areas);
  void show_histogram(Histogram histogram);
  void clear();
  bool empty() const;

  QSize sizeHint() const override;

 Q_SIGNALS:
  // A bar was clicked: an index into BarChart::categories.
  void category_clicked(int category);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  using Content = std::variant<std::monostate, BarChart, AreaChart, Histogram>;

  class Canvas;
  void show(Content content);
  void rebuild();

  Content content_;
  Canvas* canvas_;  // a child
};

}  // namespace elblab::gui
