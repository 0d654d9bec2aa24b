// The left panel: open traces above, what is known of the chosen one below.
#pragma once

#include <QListView>
#include <QTextBrowser>
#include <QWidget>

#include "gui/application/trace_list_model.hpp"

namespace elblab::gui {

class TraceListPanel : public QWidget {
  Q_OBJECT

 public:
  explicit TraceListPanel(TraceFocus& focus, QWidget* parent = nullptr);

  QSize sizeHint() const override { return {280, 600}; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void show_current();
  void show_menu(const QPoint& place);

  TraceFocus& focus_;
  TraceListModel model_;
  QListView* list_;
  QTextBrowser* details_;
  QString shown_;
};

}  // namespace elblab::gui
