#include "gui/connections/connection_model.hpp"

#include <QApplication>
#include <QPalette>
#include <algorithm>

#include "gui/connections/connection_columns.hpp"
#include "gui/theme/theme.hpp"

namespace elblab::gui {

std::optional<std::uint64_t> ConnectionList::find(std::uint64_t id) const {
  if (!ids) return id >= 1 && id <= all ? std::optional(id - 1) : std::nullopt;
  const auto found = std::find(ids->begin(), ids->end(), id);
  if (found == ids->end()) return std::nullopt;
  return static_cast<std::uint64_t>(found - ids->begin());
}

int ConnectionModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(std::min(list_.size(), kMostRows));
}

int ConnectionModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(connection_columns().size());
}

const trace::ConnectionRow* ConnectionModel::wanted_row(std::uint64_t row) const {
  const std::size_t page = row / ConnectionPages::kRows;
  const ConnectionPages::Page* rows = pages_.find(page);
  if (rows == nullptr) {
    if (asked_.insert(page).second) {
      // Signals are not const; asking changes nothing of the model.
      Q_EMIT const_cast<ConnectionModel*>(this)->page_wanted(page);  // NOLINT
    }
    return nullptr;
  }
  const std::size_t within = row % ConnectionPages::kRows;
  return within < rows->size() ? &(*rows)[within] : nullptr;
}

const trace::ConnectionRow* ConnectionModel::row_at(std::uint64_t row) const {
  const ConnectionPages::Page* rows = pages_.peek(row / ConnectionPages::kRows);
  const std::size_t within = row % ConnectionPages::kRows;
  return rows != nullptr && within < rows->size() ? &(*rows)[within] : nullptr;
}

QVariant ConnectionModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const ConnectionColumnInfo& column =
      connection_columns()[static_cast<std::size_t>(index.column())];
  if (role == Qt::TextAlignmentRole) {
    return QVariant::fromValue(Qt::Alignment(column.number ? Qt::AlignRight : Qt::AlignLeft) |
                               Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::ForegroundRole) return {};
  const trace::ConnectionRow* row = wanted_row(static_cast<std::uint64_t>(index.row()));
  if (role == Qt::ForegroundRole) {
    if (row == nullptr || column.order != trace::ConnectionColumn::reason || !ended_badly(*row)) {
      return {};
    }
    return Theme::of(QApplication::palette()).bad;
  }
  if (row == nullptr) return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
  return column.text(*row);
}

QVariant ConnectionModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const ConnectionColumnInfo& column = connection_columns()[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return QString::fromUtf8(column.title);
  if (role == Qt::ToolTipRole) {
    return tr("%1. Click to sort.").arg(QString::fromUtf8(column.tip));
  }
  return {};
}

void ConnectionModel::sort(int column, Qt::SortOrder order) { Q_EMIT sort_wanted(column, order); }

void ConnectionModel::show_list(ConnectionList list) {
  beginResetModel();
  list_ = std::move(list);
  ++list_number_;
  pages_.clear();
  asked_.clear();
  endResetModel();
}

void ConnectionModel::grow(std::uint64_t all) {
  const int before = rowCount();
  const auto after = static_cast<int>(std::min(all, kMostRows));
  if (list_.ids || after <= before) return;
  beginInsertRows({}, before, after - 1);
  list_.all = all;
  // The page at the end was not full: it is asked for again when it is looked at.
  const std::size_t last = static_cast<std::size_t>(before) / ConnectionPages::kRows;
  asked_.erase(last);
  pages_.put(last, {});
  endInsertRows();
  Q_EMIT page_wanted(last);
}

std::vector<std::uint64_t> ConnectionModel::ids_of_page(std::size_t page) const {
  std::vector<std::uint64_t> ids;
  const std::uint64_t first = page * ConnectionPages::kRows;
  const std::uint64_t end = std::min<std::uint64_t>(first + ConnectionPages::kRows, list_.size());
  for (std::uint64_t row = first; row < end; ++row) ids.push_back(list_.at(row));
  return ids;
}

void ConnectionModel::take_page(std::uint64_t list_number, std::size_t page,
                                ConnectionPages::Page rows) {
  if (list_number != list_number_) return;
  pages_.put(page, std::move(rows));
  // Pages that go out of memory may be asked for again.
  asked_.erase(page);
  const auto first = static_cast<int>(page * ConnectionPages::kRows);
  const int last = std::min(first + static_cast<int>(ConnectionPages::kRows), rowCount()) - 1;
  if (last >= first) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
}

}  // namespace elblab::gui
