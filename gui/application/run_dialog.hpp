// Runs a scenario from the window: chosen from a list, followed while it runs, stopped if wanted.
//
// Each trace is handed on as soon as its file is there, so that it can be watched while it grows.
// Closing the dialog stops the run.
#pragma once

#include <QDialog>
#include <QSortFilterProxyModel>
#include <QTimer>

#include "gui/application/scenario_list.hpp"
#include "gui/application/scenario_run.hpp"
#include "gui/traces/trace_set.hpp"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTableView;

namespace elblab::gui {

class RunDialog : public QDialog {
  Q_OBJECT

 public:
  explicit RunDialog(TraceSet& traces, QWidget* parent = nullptr);

 Q_SIGNALS:
  void trace_written(const QString& file);

 private:
  void lay_out();
  void connect_run();
  void list_scenarios();
  void scenario_chosen();
  void start();
  void look_for_traces();
  void show_progress();
  void ended(int code, const QString& meaning);
  void show_running(bool running);

  TraceSet& traces_;
  QString program_;
  ScenarioListModel scenarios_;
  QSortFilterProxyModel filtered_;
  QProcess lister_;
  ScenarioRun run_;
  QTimer watch_;
  QStringList awaited_;  // traces that are not there yet
  QStringList ours_;     // of this run
  qint64 started_at_ = 0;
  QLineEdit* filter_;
  QTableView* list_;
  QComboBox* which_run_;
  QSpinBox* seeds_;
  QLineEdit* folder_;
  QProgressBar* progress_;
  QLabel* state_;
  QPlainTextEdit* output_;
  QPushButton* start_;
  QPushButton* stop_;
};

}  // namespace elblab::gui
