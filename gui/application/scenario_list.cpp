#include "gui/application/scenario_list.hpp"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace elblab::gui {

std::vector<ListedScenario> scenarios_of(const QByteArray& json) {
  std::vector<ListedScenario> scenarios;
  for (const auto& value : QJsonDocument::fromJson(json).array()) {
    const QJsonObject entry = value.toObject();
    ListedScenario scenario{entry.value(QStringLiteral("id")).toString(),
                            entry.value(QStringLiteral("title")).toString(),
                            entry.value(QStringLiteral("area")).toString(),
                            {}};
    for (const auto& run : entry.value(QStringLiteral("runs")).toArray()) {
      scenario.runs << run.toString();
    }
    if (!scenario.id.isEmpty()) scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

void ScenarioListModel::show_scenarios(std::vector<ListedScenario> scenarios) {
  beginResetModel();
  scenarios_ = std::move(scenarios);
  endResetModel();
}

const ListedScenario* ScenarioListModel::at(int row) const {
  return row >= 0 && row < rowCount() ? &scenarios_[static_cast<std::size_t>(row)] : nullptr;
}

int ScenarioListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(scenarios_.size());
}

int ScenarioListModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant ScenarioListModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const ListedScenario& scenario = *at(index.row());
  if (role == Qt::ToolTipRole) {
    return tr("%1: %2").arg(scenario.title, scenario.runs.join(QStringLiteral(", ")));
  }
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case 0:
      return scenario.id;
    case 1:
      return scenario.title;
    default:
      return scenario.area;
  }
}

QVariant ScenarioListModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case 0:
      return tr("Scenario");
    case 1:
      return tr("Title");
    default:
      return tr("Area");
  }
}

}  // namespace elblab::gui
