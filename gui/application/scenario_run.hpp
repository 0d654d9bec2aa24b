// `elblab run` as a process: started, followed, stopped. The analyzer and the simulator are two
// programs; the trace is all they share.
#pragma once

#include <QObject>
#include <QProcess>
#include <QStringList>

namespace elblab::gui {

// $ELBLAB, or `elblab` beside this program, or on the PATH; empty: there is none.
QString find_elblab();

struct RunOrder {
  QString scenario;  // id, "TW-01"
  QString run;       // "symptom"; empty: every run
  int seeds = 1;
  QString folder;  // for traces; made if missing
};

class ScenarioRun : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  ~ScenarioRun() override;  // stops it

  void start(const QString& program, const RunOrder& order);
  void stop();  // as Ctrl-C does: finished traces are kept
  bool running() const { return process_.state() != QProcess::NotRunning; }

 Q_SIGNALS:
  void said(const QString& text);  // what it printed, as it comes
  // By its exit code: "every expectation holds", or why not.
  void ended(int code, const QString& meaning);

 private:
  QProcess process_;
  bool connected_ = false;
};

// The traces that an order writes, in the order of writing, given the runs of the scenario.
QStringList traces_of(const RunOrder& order, const QStringList& runs);

}  // namespace elblab::gui
