// The open traces as a list of two lines each: what ran, and how it went. A check mark lays one
// over the current one.
#pragma once

#include <QAbstractListModel>

#include "gui/traces/trace_focus.hpp"

namespace elblab::gui {

// "7 of 7 hold · dedicated · simulation"
QString standing_of(const OpenTrace& trace);

class TraceListModel : public QAbstractListModel {
  Q_OBJECT

 public:
  explicit TraceListModel(TraceFocus& focus, QObject* parent = nullptr);

  OpenTrace* trace_at(const QModelIndex& index) const;  // nullptr: not a row
  QModelIndex index_of(const OpenTrace* trace) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 private:
  void traces_changed();

  TraceFocus& focus_;
  std::vector<OpenTrace*> rows_;
};

}  // namespace elblab::gui
