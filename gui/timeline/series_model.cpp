#include "gui/timeline/series_model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gui/timeline/scene_builder.hpp"
#include "models/telemetry/measures.hpp"

namespace elblab::gui {
namespace {

// Of docs/measures.md.
QString help_of(const std::string& name) {
  for (const auto& info : telemetry::measures()) {
    if (info.name != name) continue;
    return QString::fromUtf8(info.help.data(), static_cast<qsizetype>(info.help.size()));
  }
  return {};
}

bool same_traces(const std::vector<SeriesModel::Source>& a,
                 const std::vector<SeriesModel::Source>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.trace == y.trace; });
}

bool same_series(const std::vector<SeriesModel::Source>& a,
                 const std::vector<SeriesModel::Source>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.series.same_as(y.series); });
}

}  // namespace

void SeriesModel::show_series(std::vector<Source> sources) {
  const bool grown = same_traces(sources_, sources);
  if (grown && same_series(sources_, sources)) return;
  if (grown && all_rows_in(sources)) {
    sources_ = std::move(sources);
    return add_rows(new_rows());
  }
  beginResetModel();
  sources_ = std::move(sources);
  rows_.clear();
  row_of_.clear();
  rows_ = new_rows();
  endResetModel();
}

bool SeriesModel::all_rows_in(const std::vector<Source>& sources) const {
  return std::all_of(rows_.begin(), rows_.end(), [&](const std::string& measure) {
    return std::any_of(sources.begin(), sources.end(), [&](const Source& source) {
      return source.series.find(measure) != nullptr;
    });
  });
}

std::vector<std::string> SeriesModel::new_rows() {
  std::vector<std::string> added;
  for (const Source& source : sources_) {
    for (const trace::SeriesInfo& series : source.series) {
      std::string measure = measure_of(series);
      const auto row = static_cast<int>(rows_.size() + added.size());
      if (row_of_.emplace(measure, row).second) added.push_back(std::move(measure));
    }
  }
  return added;
}

void SeriesModel::add_rows(std::vector<std::string> added) {
  if (added.empty()) return;
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(added.size()) - 1);
  std::move(added.begin(), added.end(), std::back_inserter(rows_));
  endInsertRows();
}

void SeriesModel::check(std::vector<std::string> measures) {
  if (measures == checked_) return;
  const std::vector<std::string> before = std::exchange(checked_, std::move(measures));
  tell_checks(before, checked_);
  tell_checks(checked_, before);
}

// Of those that the one has and the other has not.
void SeriesModel::tell_checks(const std::vector<std::string>& these,
                              const std::vector<std::string>& others) {
  for (const std::string& measure : these) {
    const auto row = row_of_.find(measure);
    const bool in_both = std::find(others.begin(), others.end(), measure) != others.end();
    if (in_both || row == row_of_.end()) continue;
    Q_EMIT dataChanged(index(row->second), index(row->second), {Qt::CheckStateRole});
  }
}

int SeriesModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

const trace::SeriesInfo* SeriesModel::find(const std::string& measure) const {
  for (const Source& source : sources_) {
    if (const auto* series = source.series.find(measure)) return series;
  }
  return nullptr;
}

QString SeriesModel::tip_of(const std::string& measure) const {
  const trace::SeriesInfo* series = find(measure);
  if (series == nullptr) return {};
  const QString help = help_of(series->name);
  const QString unit = unit_of(*series);
  return help.isEmpty() ? unit : help + QStringLiteral(" [") + unit + u']';
}

QVariant SeriesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const std::string& measure = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return QString::fromStdString(measure);
    case Qt::ToolTipRole:
      return tip_of(measure);
    case Qt::CheckStateRole:
      return static_cast<int>(is_checked(measure) ? Qt::Checked : Qt::Unchecked);
    default:
      return {};
  }
}

bool SeriesModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) {
    return false;
  }
  const std::string& measure = rows_[static_cast<std::size_t>(index.row())];
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
