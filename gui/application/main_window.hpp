// The window: open traces on the left, linked views in the middle, the diagnosis on the right.
//
// Remembers its size, docks, views, theme and recent files in QSettings; arrangements hold the same
// together with traces in a file. Traces are opened, looked at and closed, never changed.
#pragma once

#include <QMainWindow>
#include <QSettings>
#include <map>
#include <memory>
#include <string>

#include "gui/application/arguments.hpp"
#include "gui/application/arrangement.hpp"
#include "gui/application/recent_files.hpp"
#include "gui/application/view_stage.hpp"
#include "gui/traces/trace_focus.hpp"
#include "gui/traces/trace_set.hpp"

class QApplication;
class QDockWidget;

namespace elblab::gui {

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  MainWindow(QApplication& application, const Arguments& arguments);
  ~MainWindow() override;

  TraceSet& traces() { return traces_; }
  TraceFocus& focus() { return focus_; }
  Selection& selection() { return selection_; }
  ViewStage& stage() { return *stage_; }
  RecentFiles& recent_files() { return recent_; }

  // Traces and arrangements, by their names.
  void open_files(const QStringList& files);
  void show_view(const std::string& name);
  void show_side_by_side(bool on);
  void set_tone(Tone tone);
  Arrangement arrangement() const;
  void restore(const Arrangement& arrangement);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void make_docks();
  void make_menus();
  QMenu* make_file_menu();
  QMenu* make_view_menu();
  QMenu* make_help_menu();
  void fill_recent(QMenu& menu);
  QAction* action(QMenu& menu, const QString& text, const QKeySequence& keys, const QString& tip);

  void ask_for_files();
  void ask_for_export();
  void ask_to_save_arrangement();
  void ask_for_arrangement();
  void run_scenario();
  void show_shortcuts();
  void show_about();
  void complain(const QString& problem);
  void escape();
  void close_current();
  void reset_layout();
  void update_headings();
  void restore_session(bool size_given);
  View* active_view() const;
  // The one with the keyboard; nullptr: it is elsewhere.
  View* view_with_keyboard() const;

  QApplication& application_;
  QSettings settings_;
  RecentFiles recent_;
  TraceSet traces_;
  TraceFocus focus_;
  TraceFocus other_focus_;  // of the right half, side by side
  Selection selection_;
  QSplitter* halves_;
  ViewStage* stage_;
  ViewStage* other_stage_ = nullptr;  // exists while side by side
  std::map<std::string, QDockWidget*> docks_;
  QByteArray first_layout_;
  QAction* dark_ = nullptr;
  QAction* side_by_side_ = nullptr;
};

}  // namespace elblab::gui
