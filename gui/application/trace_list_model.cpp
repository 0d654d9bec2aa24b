#include "gui/application/trace_list_model.hpp"

#include <QApplication>
#include <QPainter>
#include <QPixmap>
#include <algorithm>

#include "gui/theme/theme.hpp"

namespace elblab::gui {
namespace {

// A dot: green holds, red does not, grey not known.
QPixmap dot_of(const OpenTrace& trace) {
  const Theme& theme = Theme::of(QApplication::palette());
  QColor colour = theme.faint;
  if (trace.state() == OpenTrace::State::failed) colour = theme.bad;
  if (trace.judgement() && !trace.judgement()->verdicts.empty()) {
    colour = trace.judgement()->holds() ? theme.good : theme.bad;
  }
  QPixmap dot(12, 12);
  dot.fill(Qt::transparent);
  QPainter painter(&dot);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme.ground);  // an edge, on the colour of a selected row
  painter.setBrush(colour);
  painter.drawEllipse(1, 1, 10, 10);
  return dot;
}

QString verdict_of(const OpenTrace& trace) {
  if (trace.state() == OpenTrace::State::growing) return QObject::tr("incomplete");
  if (!trace.judgement()) return QObject::tr("judging …");
  const Judgement& judgement = *trace.judgement();
  if (judgement.verdicts.empty()) return QObject::tr("nothing expected");
  return QObject::tr("%1 of %2 hold").arg(judgement.holding()).arg(judgement.verdicts.size());
}

}  // namespace

QString standing_of(const OpenTrace& trace) {
  switch (trace.state()) {
    case OpenTrace::State::opening:
      return QObject::tr("opening …");
    case OpenTrace::State::failed:
      return QObject::tr("cannot be read");
    case OpenTrace::State::growing:
    case OpenTrace::State::complete:
      break;
  }
  QStringList parts;
  const TraceFacts& facts = trace.facts();
  parts << verdict_of(trace);
  if (!facts.scenario.profile.empty()) parts << QString::fromStdString(facts.scenario.profile);
  parts << QString::fromStdString(facts.metadata.world);
  return parts.join(QStringLiteral(" · "));
}

TraceListModel::TraceListModel(TraceFocus& focus, QObject* parent)
    : QAbstractListModel(parent), focus_(focus), rows_(focus.traces().all()) {
  connect(&focus.traces(), &TraceSet::opened, this, [this](OpenTrace* trace) {
    beginInsertRows({}, rowCount(), rowCount());
    rows_.push_back(trace);
    endInsertRows();
  });
  connect(&focus.traces(), &TraceSet::closing, this, [this](OpenTrace* trace) {
    const int row = index_of(trace).row();
    if (row < 0) return;
    beginRemoveRows({}, row, row);
    rows_.erase(rows_.begin() + row);
    endRemoveRows();
  });
  connect(&focus.traces(), &TraceSet::changed, this, &TraceListModel::traces_changed);
  connect(&focus, &TraceFocus::chosen, this, &TraceListModel::traces_changed);
}

void TraceListModel::traces_changed() {
  if (!rows_.empty()) Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

OpenTrace* TraceListModel::trace_at(const QModelIndex& index) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return nullptr;
  return rows_[static_cast<std::size_t>(index.row())];
}

QModelIndex TraceListModel::index_of(const OpenTrace* trace) const {
  const auto found = std::find(rows_.begin(), rows_.end(), trace);
  if (found == rows_.end()) return {};
  return index(static_cast<int>(found - rows_.begin()));
}

int TraceListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QVariant TraceListModel::data(const QModelIndex& index, int role) const {
  const OpenTrace* trace = trace_at(index);
  if (trace == nullptr) return {};
  switch (role) {
    case Qt::DisplayRole:
      return trace->label() + u'\n' + standing_of(*trace);
    case Qt::ToolTipRole:
      return QString::fromStdString(trace->path().string()) +
             QObject::tr("\nA check mark lays it over the one chosen.");
    case Qt::DecorationRole:
      return dot_of(*trace);
    case Qt::CheckStateRole:
      return static_cast<int>(trace == focus_.compared() ? Qt::Checked : Qt::Unchecked);
    default:
      return {};
  }
}

bool TraceListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  OpenTrace* trace = trace_at(index);
  if (trace == nullptr || role != Qt::CheckStateRole || trace == focus_.current()) return false;
  focus_.compare_with(value.toInt() == Qt::Checked ? trace : nullptr);
  return true;
}

Qt::ItemFlags TraceListModel::flags(const QModelIndex& index) const {
  const OpenTrace* trace = trace_at(index);
  if (trace == nullptr) return Qt::NoItemFlags;
  Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
  if (trace != focus_.current()) flags |= Qt::ItemIsUserCheckable;
  return flags;
}

}  // namespace elblab::gui
