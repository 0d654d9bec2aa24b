#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "gui/application/scenario_list.hpp"
#include "gui/application/trace_list_model.hpp"
#include "gui/timeline/series_model.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {

class ModelsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void series_can_be_checked_by_a_person_and_by_the_program() {
    SeriesModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_rows({{"time_wait(c1)", "sockets", {}}, {"connected(c1)", "connections/s", {}}});
    model.check({"connected(c1)"});
    QCOMPARE(model.data(model.index(1), Qt::CheckStateRole).toInt(), int(Qt::Checked));
    const QSignalSpy chosen(&model, &SeriesModel::chosen);
    QVERIFY(model.setData(model.index(0), Qt::Checked, Qt::CheckStateRole));
    QVERIFY((model.checked() == std::vector<std::string>{"connected(c1)", "time_wait(c1)"}));
    QVERIFY(model.setData(model.index(1), Qt::Unchecked, Qt::CheckStateRole));
    QVERIFY((model.checked() == std::vector<std::string>{"time_wait(c1)"}));
    QCOMPARE(chosen.count(), 2);
    model.show_rows({});
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(!model.data(model.index(0), Qt::DisplayRole).isValid());
  }

  void the_list_of_traces_follows_opening_judging_and_closing() {
    const QTemporaryDir folder;
    TraceSet traces;
    TraceFocus focus(traces);
    TraceListModel model(focus);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    OpenTrace* first = traces.open(write_trace(folder, "a.db"));
    OpenTrace* second = traces.open(write_trace(folder, "b.db", {.seed = 2}));
    QCOMPARE(model.rowCount(), 2);
    QTRY_VERIFY(first->judgement() && second->judgement());
    const QString text = model.data(model.index(0), Qt::DisplayRole).toString();
    QVERIFY2(text.contains("TW-01 symptom, seed 1") && text.contains("dedicated"),
             qPrintable(text));
    // The current one cannot be laid over itself; the other can, by its check mark.
    QVERIFY(!model.setData(model.index(0), Qt::Checked, Qt::CheckStateRole));
    QVERIFY(model.setData(model.index(1), Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(focus.compared(), second);
    traces.close(first);
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(focus.current(), second);
    QCOMPARE(focus.compared(), nullptr);
  }

  void scenarios_are_read_from_the_commands_list() {
    const auto scenarios = scenarios_of(
        R"([{"id":"TW-01","title":"Ports","area":"time-wait","runs":["symptom","remedy"]}, 7, {}])");
    QCOMPARE(scenarios.size(), std::size_t{1});
    QCOMPARE(scenarios.front().runs, (QStringList{"symptom", "remedy"}));
    QVERIFY(scenarios_of("no JSON").empty());
    ScenarioListModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_scenarios(scenarios);
    QCOMPARE(model.data(model.index(0, 1), Qt::DisplayRole).toString(), QStringLiteral("Ports"));
    QCOMPARE(model.at(1), nullptr);
  }
};

QObject* models_suite(QObject* parent) {
  auto* suite = new ModelsTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "models_test.moc"
