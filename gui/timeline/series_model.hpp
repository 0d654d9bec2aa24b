// The measures of the traces on show as a list with check marks, for choosing curves.
//
// Follows traces that grow: a look that found nothing new changes nothing, new series are new rows
// at the end, and rows that stand there stay, with what a person chose among them.
#pragma once

#include <QAbstractListModel>
#include <string>
#include <unordered_map>
#include <vector>

#include "gui/traces/series_catalogue.hpp"

namespace elblab::gui {

class SeriesModel : public QAbstractListModel {
  Q_OBJECT

 public:
  struct Source {
    int trace = 0;  // OpenTrace::id()
    SeriesCatalogue series;
  };

  using QAbstractListModel::QAbstractListModel;

  // The measures of the first trace in its order, then those that only the next one has. O(traces)
  // where nothing is new, else O(series).
  void show_series(std::vector<Source> sources);
  // In the order in which they were checked.
  void check(std::vector<std::string> measures);
  const std::vector<std::string>& checked() const { return checked_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 Q_SIGNALS:
  void chosen();  // a person checked or unchecked one

 private:
  bool is_checked(const std::string& measure) const;
  const trace::SeriesInfo* find(const std::string& measure) const;
  QString tip_of(const std::string& measure) const;
  // Whether every row is still a measure of one of these.
  bool all_rows_in(const std::vector<Source>& sources) const;
  // The measures of sources_ that have no row yet; they get their numbers.
  std::vector<std::string> new_rows();
  void add_rows(std::vector<std::string> added);
  void tell_checks(const std::vector<std::string>& these, const std::vector<std::string>& others);

  std::vector<Source> sources_;
  std::vector<std::string> rows_;  // "time_wait(c1)"
  std::unordered_map<std::string, int> row_of_;
  std::vector<std::string> checked_;
};

}  // namespace elblab::gui
