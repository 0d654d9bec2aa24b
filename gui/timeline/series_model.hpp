// The measures of the traces on show as a list with check marks, for choosing curves.
#pragma once

#include <QAbstractListModel>
#include <string>
#include <vector>

namespace elblab::gui {

class SeriesModel : public QAbstractListModel {
  Q_OBJECT

 public:
  struct Row {
    std::string measure;  // "time_wait(c1)"
    QString unit;         // "sockets"
    QString help;         // of docs/measures.md
    bool operator==(const Row&) const = default;
  };

  using QAbstractListModel::QAbstractListModel;

  void show_rows(std::vector<Row> rows);
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

  std::vector<Row> rows_;
  std::vector<std::string> checked_;
};

}  // namespace elblab::gui
