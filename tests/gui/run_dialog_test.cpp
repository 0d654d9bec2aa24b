#include "gui/application/run_dialog.hpp"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "suites.hpp"

namespace elblab::gui::test {
namespace {

constexpr const char* kShort = R"(scenario: SHORT
title: Two seconds of short connections
hosts:
  c1: {role: client, link: {rate: 1Gbps, delay: 1ms}}
  b1: {role: server, link: {rate: 1Gbps, delay: 1ms}}
balancer:
  address: 198.51.100.10
  listeners:
    web: {protocol: tcp, port: 80, group: app}
  groups:
    app: {servers: {b1: {port: 80}}}
workload:
  w: {from: c1, to: web, short_connections: 50/s, for: DURATION, request: 100B, response: 100B}
runs:
  only: {}
expect:
  only:
    - {measure: failed(c1), stat: total, equals: 0}
)";

QString scenario_lasting(const char* duration) {
  return QString::fromUtf8(kShort).replace("DURATION", duration);
}

// A dialog whose command finds one scenario.
struct Opened {
  explicit Opened(const char* duration) {
    QFile file(folder.filePath("SHORT.elb.yaml"));
    if (file.open(QIODevice::WriteOnly)) file.write(scenario_lasting(duration).toUtf8());
    file.close();
    qputenv("ELBLAB", ELBLAB_PROGRAM);
    qputenv("ELBLAB_SCENARIOS", folder.path().toUtf8());
    dialog = std::make_unique<RunDialog>(traces);
    QObject::connect(dialog.get(), &RunDialog::trace_written, &traces,
                     [this](const QString& trace) { traces.open(trace.toStdString()); });
    dialog->show();
    dialog->findChild<QLineEdit*>("folder")->setText(folder.filePath("out"));
    dialog->findChild<QLineEdit*>("filter")->setText("Two seconds of short");
  }
  bool listed() const {
    const auto* list = dialog->findChild<QTableView*>("scenarios");
    return QTest::qWaitFor([&] { return list->model()->rowCount() == 1; }, 60'000);
  }
  void choose() const {
    auto* list = dialog->findChild<QTableView*>("scenarios");
    list->setCurrentIndex(list->model()->index(0, 0));
  }
  QString state() const { return dialog->findChild<QLabel*>("state")->text(); }
  void press(const char* name) const {
    QTest::mouseClick(dialog->findChild<QPushButton*>(name), Qt::LeftButton);
  }

  QTemporaryDir folder;
  TraceSet traces;
  std::unique_ptr<RunDialog> dialog;
};

}  // namespace

class RunDialogTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanup() {
    qunsetenv("ELBLAB");
    qunsetenv("ELBLAB_SCENARIOS");
  }

  void a_scenario_is_run_and_its_trace_opened() {
    const Opened opened("2s");
    QVERIFY2(opened.listed(), qPrintable(opened.state()));
    opened.choose();
    opened.press("run");
    QTRY_VERIFY2_WITH_TIMEOUT(opened.state().contains("every expectation holds"),
                              qPrintable(opened.state()), 120'000);
    QCOMPARE(opened.traces.all().size(), std::size_t{1});
    const OpenTrace* trace = opened.traces.all().front();
    QTRY_VERIFY_WITH_TIMEOUT(trace->judgement() && trace->judgement()->holds(), 30'000);
    QCOMPARE(trace->facts().metadata.scenario, std::string("SHORT"));
  }

  void a_run_can_be_stopped_and_leaves_what_it_wrote() {
    const Opened opened("1000000s");
    QVERIFY2(opened.listed(), qPrintable(opened.state()));
    opened.choose();
    opened.press("run");
    QTRY_VERIFY_WITH_TIMEOUT(opened.traces.all().size() == 1 &&
                                 opened.traces.all().front()->state() == OpenTrace::State::growing,
                             120'000);
    opened.press("stop");
    QTRY_VERIFY2_WITH_TIMEOUT(opened.state().contains("stopped"), qPrintable(opened.state()),
                              60'000);
    QVERIFY(opened.traces.all().front()->readable());
  }

  void a_scenario_with_a_mistake_is_told_of_where_it_stands() {
    const Opened opened("2 bananas");
    const auto* output = opened.dialog->findChild<QPlainTextEdit*>("output");
    QTRY_VERIFY2_WITH_TIMEOUT(output->toPlainText().contains("unknown unit"),
                              qPrintable(output->toPlainText()), 60'000);
    QVERIFY2(opened.state().contains("mistakes"), qPrintable(opened.state()));
    QVERIFY(opened.traces.all().empty());
  }

  void without_the_command_it_says_where_to_get_it() {
    qputenv("ELBLAB", "/no/such/elblab");
    TraceSet traces;
    const RunDialog dialog(traces);
    QVERIFY(dialog.findChild<QLabel*>("state")->text().contains("make build"));
    QVERIFY(!dialog.findChild<QPushButton*>("run")->isEnabled());
  }
};

QObject* run_dialog_suite(QObject* parent) {
  auto* suite = new RunDialogTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "run_dialog_test.moc"
