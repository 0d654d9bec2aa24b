// The scenarios that `elblab list --format json` tells of, as a table.
#pragma once

#include <QAbstractTableModel>
#include <QByteArray>
#include <QString>
#include <QStringList>
#include <vector>

namespace elblab::gui {

struct ListedScenario {
  QString id;
  QString title;
  QString area;
  QStringList runs;
};

// What is not a list of scenarios gives an empty one.
std::vector<ListedScenario> scenarios_of(const QByteArray& json);

class ScenarioListModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  void show_scenarios(std::vector<ListedScenario> scenarios);
  const ListedScenario* at(int row) const;  // nullptr: no such row

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<ListedScenario> scenarios_;
};

}  // namespace elblab::gui
