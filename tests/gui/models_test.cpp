#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "gui/application/scenario_list.hpp"
#include "gui/application/trace_list_model.hpp"
#include "gui/timeline/series_model.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

// time_wait(c1), connected(c1), and `more` others; those `known` shares.
SeriesCatalogue catalogue(int more, int from, const char* object,
                          const SeriesCatalogue& known = {}) {
  std::vector<trace::SeriesInfo> series{
      {1, "time_wait", object, "sockets", trace::SeriesKind::gauge},
      {2, "connected", object, "connections", trace::SeriesKind::counter}};
  for (int i = from; i < from + more; ++i) {
    series.push_back({static_cast<telemetry::SeriesId>(i + 3), "scheduled", "b" + std::to_string(i),
                      "connections", trace::SeriesKind::counter});
  }
  return SeriesCatalogue::of(std::move(series), known);
}

// What a model tells of its rows.
struct Changes {
  explicit Changes(const QAbstractItemModel& model)
      : resets(&model, &QAbstractItemModel::modelReset),
        inserts(&model, &QAbstractItemModel::rowsInserted),
        removals(&model, &QAbstractItemModel::rowsRemoved),
        data(&model, &QAbstractItemModel::dataChanged) {}
  qsizetype all() const { return resets.size() + inserts.size() + removals.size() + data.size(); }
  QSignalSpy resets, inserts, removals, data;
};

}  // namespace

class ModelsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void series_can_be_checked_by_a_person_and_by_the_program() {
    SeriesModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_series({{1, catalogue(0, 0, "c1")}});
    model.check({"connected(c1)"});
    QCOMPARE(model.data(model.index(1), Qt::CheckStateRole).toInt(), int(Qt::Checked));
    const QSignalSpy chosen(&model, &SeriesModel::chosen);
    QVERIFY(model.setData(model.index(0), Qt::Checked, Qt::CheckStateRole));
    QVERIFY((model.checked() == std::vector<std::string>{"connected(c1)", "time_wait(c1)"}));
    QVERIFY(model.setData(model.index(1), Qt::Unchecked, Qt::CheckStateRole));
    QVERIFY((model.checked() == std::vector<std::string>{"time_wait(c1)"}));
    QCOMPARE(chosen.count(), 2);
    model.show_series({});
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(!model.data(model.index(0), Qt::DisplayRole).isValid());
  }

  void a_series_is_found_by_its_measure_and_equal_series_are_shared() {
    const SeriesCatalogue first = catalogue(1000, 0, "c1");
    QCOMPARE(first.size(), std::size_t{1002});
    QCOMPARE(first.find("scheduled(b999)")->id, telemetry::SeriesId{1002});
    QVERIFY(first.find("scheduled(b1000)") == nullptr);
    QVERIFY(catalogue(1000, 0, "c1", first).same_as(first));
    QVERIFY(!catalogue(1001, 0, "c1", first).same_as(first));
    QVERIFY(!catalogue(1000, 0, "c2", first).same_as(first));
    QVERIFY(SeriesCatalogue().empty() && SeriesCatalogue().same_as(SeriesCatalogue()));
  }

  // Twice a second, with tens of thousands of series: what is not new must not be touched.
  void a_trace_that_grows_only_adds_rows() {
    SeriesModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    SeriesCatalogue known = catalogue(1000, 0, "c1");
    model.show_series({{1, known}});
    model.check({"scheduled(b7)"});
    Changes changes(model);
    for (int look = 0; look < 10; ++look) {
      known = catalogue(1000, 0, "c1", known);
      model.show_series({{1, known}});
    }
    QCOMPARE(changes.all(), qsizetype{0});
    model.show_series({{1, catalogue(1003, 0, "c1", known)}});
    QCOMPARE(changes.all(), qsizetype{1});
    QCOMPARE(changes.inserts.size(), qsizetype{1});
    QCOMPARE(changes.inserts[0][1].toInt(), 1002);
    QCOMPARE(changes.inserts[0][2].toInt(), 1004);
    QCOMPARE(model.rowCount(), 1005);
    QVERIFY((model.checked() == std::vector<std::string>{"scheduled(b7)"}));
    QCOMPARE(model.data(model.index(9), Qt::CheckStateRole).toInt(), int(Qt::Checked));
  }

  void of_two_traces_each_measure_stands_there_once_and_either_may_grow() {
    SeriesModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const SeriesCatalogue first = catalogue(10, 0, "c1");
    model.show_series({{1, first}, {2, catalogue(10, 5, "c1")}});
    QCOMPARE(model.rowCount(), 2 + 15);
    Changes changes(model);
    model.show_series({{1, catalogue(20, 0, "c1")}, {2, catalogue(10, 5, "c1")}});
    model.show_series({{1, catalogue(20, 0, "c1")}, {2, catalogue(30, 5, "c1")}});
    QCOMPARE(changes.resets.size(), qsizetype{0});
    QCOMPARE(model.rowCount(), 2 + 35);
    std::set<QString> measures;
    for (int row = 0; row < model.rowCount(); ++row) {
      measures.insert(model.data(model.index(row), Qt::DisplayRole).toString());
    }
    QCOMPARE(measures.size(), std::size_t{2 + 35});
    // Other traces, or one that lost a series (another run wrote the file): in their own order.
    model.show_series({{2, catalogue(10, 5, "c1")}});
    QCOMPARE(changes.resets.size(), qsizetype{1});
    model.show_series({{2, catalogue(9, 5, "c1")}});
    QCOMPARE(changes.resets.size(), qsizetype{2});
    QCOMPARE(model.rowCount(), 2 + 9);
  }

  void choosing_a_measure_touches_its_row_alone() {
    SeriesModel model;
    model.show_series({{1, catalogue(1000, 0, "c1")}});
    model.check({"scheduled(b1)", "scheduled(b2)"});
    Changes changes(model);
    model.check({"scheduled(b2)", "scheduled(b900)", "nothing(c1)"});
    QCOMPARE(changes.all(), qsizetype{2});
    for (const auto& change : changes.data) {
      QVERIFY(change[0].toModelIndex() == change[1].toModelIndex());
    }
    QVERIFY(model.data(model.index(0), Qt::ToolTipRole).toString().contains("[sockets]"));
    QVERIFY(model.data(model.index(1), Qt::ToolTipRole).toString().contains("[connections/s]"));
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
