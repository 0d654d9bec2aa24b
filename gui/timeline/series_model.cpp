#include "gui/timeline/series_model.hpp"

#include <algorithm>

namespace elblab::gui {

void SeriesModel::show_rows(std::vector<Row> rows) {
  if (rows == rows_) return;
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

void SeriesModel::check(std::vector<std::string> measures) {
  if (measures == checked_) return;
  checked_ = std::move(measures);
  if (rows_.empty()) return;
  Q_EMIT dataChanged(index(0), index(rowCount() - 1), {Qt::CheckStateRole});
}

int SeriesModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QVariant SeriesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return QString::fromStdString(row.measure);
    case Qt::ToolTipRole:
      return row.help.isEmpty() ? row.unit : row.help + QStringLiteral(" [") + row.unit + u']';
    case Qt::CheckStateRole:
      return static_cast<int>(is_checked(row.measure) ? Qt::Checked : Qt::Unchecked);
    default:
      return {};
  }
}

bool SeriesModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) {
    return false;
  }
  const std::string& measure = rows_[static_cast<std::size_t>(index.row())].measure;
  const bool on = value.toInt() == Qt::Checked;
  if (on != is_checked(measure)) {
    if (on) {
      checked_.push_back(measure);
    } else {
      std::erase(checked_, measure);
    }
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT chosen();
  }
  return true;
}

Qt::ItemFlags SeriesModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable |
         Qt::ItemNeverHasChildren;
}

bool SeriesModel::is_checked(const std::string& measure) const {
  return std::find(checked_.begin(), checked_.end(), measure) != checked_.end();
}

}  // namespace elblab::gui
