// A list of measures with a filter above it and check marks.
#pragma once

#include <QLineEdit>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QWidget>

#include "gui/timeline/series_model.hpp"

namespace elblab::gui {

class SeriesChooser : public QWidget {
  Q_OBJECT

 public:
  explicit SeriesChooser(QWidget* parent = nullptr);

  SeriesModel& model() { return model_; }
  void focus_filter();

 Q_SIGNALS:
  void chosen(std::vector<std::string> measures);
  void defaults_wanted();

 private:
  SeriesModel model_;
  QSortFilterProxyModel filtered_;
  QLineEdit* filter_;
  QListView* list_;
};

}  // namespace elblab::gui
