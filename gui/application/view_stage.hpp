// A group of linked views of one focus: those over time above, connections and their like below, in
// tabs that can be moved, and closed by their context menu.
//
// A view is made when its tab comes to the front for the first time, so that a window opens with
// the work of what is seen only.
#pragma once

#include <QSplitter>
#include <QTabWidget>
#include <QWidget>
#include <map>
#include <string>

#include "gui/application/arrangement.hpp"
#include "gui/views/view_table.hpp"

class QLabel;

namespace elblab::gui {

class ViewStage : public QWidget {
  Q_OBJECT

 public:
  explicit ViewStage(ViewContext context, QWidget* parent = nullptr);

  // Brings it to the front, and into the stage if it was closed. Views of the side are not here.
  void show_view(const ViewEntry& entry);
  // The view that has the keyboard, else the front one above; nullptr: all are closed.
  View* active_view() const;
  // Once its tab was in front; nullptr before.
  View* find(const std::string& name) const;
  // Names what the stage shows above the tabs; empty: no such line.
  void set_heading(const QString& text);

  StageArrangement arrangement() const;
  // Unknown names are left out; without any name the views shown at first stand there.
  void restore(const StageArrangement& arrangement);

 private:
  QTabWidget* tabs_for(ViewPlace place) const;
  int tab_of(const QTabWidget& tabs, const QString& name) const;
  int add_tab(const ViewEntry& entry);
  void fill_front(QTabWidget* tabs);
  void show_tab_menu(QTabWidget& tabs, const QPoint& place);
  void close_tab(QTabWidget& tabs, int index);
  void hide_empty();
  void clear();

  ViewContext context_;
  QLabel* heading_;
  QSplitter* splitter_;
  QTabWidget* over_time_;
  QTabWidget* details_;
  std::map<std::string, View*> views_;
  QMap<QString, QJsonObject> settings_;  // of views not made yet
};

}  // namespace elblab::gui
