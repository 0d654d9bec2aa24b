#include "gui/application/arrangement.hpp"

#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "gui/application/recent_files.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

Arrangement full() {
  Arrangement arrangement;
  arrangement.traces = {"/data/out/a.db", "/data/b.db"};
  arrangement.current = 1;
  arrangement.compared = 0;
  arrangement.side_by_side = true;
  // Beyond what a double tells apart.
  arrangement.range =
      TimeRange{Instant(Duration((1LL << 60) + 1)), Instant(Duration((1LL << 60) + 90'001))};
  arrangement.measures = {"time_wait(c1)", "share(app/b1)"};
  arrangement.stage.over_time = {"timeseries"};
  arrangement.stage.front_over_time = "timeseries";
  arrangement.stage.splitter = QByteArray("\0\xff\x01", 3);
  arrangement.stage.settings["timeseries"] = {{"chooser", true}};
  arrangement.docks = "state";
  return arrangement;
}

}  // namespace

class ArrangementTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void what_is_saved_is_what_is_read() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("mine.elbview");
    QCOMPARE(save_arrangement(full(), file), QString());
    const ReadArrangement read = load_arrangement(file);
    QCOMPARE(read.problem, QString());
    QVERIFY(read.arrangement == full());
  }

  void traces_are_found_from_where_the_file_lies() {
    const QByteArray json = to_json(full(), "/data");
    QVERIFY(json.contains("\"out/a.db\""));
    QCOMPARE(arrangement_of(json, "/moved").arrangement.traces.front(),
             QStringLiteral("/moved/out/a.db"));
  }

  void what_people_write_into_it_does_no_harm() {
    QVERIFY(!arrangement_of("", "/").problem.isEmpty());
    QVERIFY(!arrangement_of("[1,2", "/").problem.isEmpty());
    QVERIFY(!arrangement_of("{\"traces\": []}", "/").problem.isEmpty());
    QVERIFY(arrangement_of("{\"elblab_arrangement\": 99}", "/").problem.contains("newer"));
    const ReadArrangement odd = arrangement_of(
        R"({"elblab_arrangement": 1, "traces": 5, "current": 7, "range_ns": ["20", "10"],
            "measures": [1, "a"], "stage": [], "docks": {}})",
        "/");
    QCOMPARE(odd.problem, QString());
    QCOMPARE(odd.arrangement.current, -1);
    QVERIFY(!odd.arrangement.range);
    QVERIFY(odd.arrangement.measures == std::vector<std::string>{"a"});
    QVERIFY(load_arrangement("/no/such.elbview").problem.contains("/no/such.elbview"));
  }

  void recent_files_are_the_last_ten_each_once() {
    const QTemporaryDir folder;
    QSettings settings(folder.filePath("s.ini"), QSettings::IniFormat);
    RecentFiles recent(settings);
    for (int i = 0; i < 15; ++i) recent.add(QStringLiteral("/t/%1.db").arg(i));
    recent.add("/t/12.db");
    QCOMPARE(recent.files().size(), qsizetype{RecentFiles::kMost});
    QCOMPARE(recent.files()[0], QStringLiteral("/t/12.db"));
    QCOMPARE(recent.files()[1], QStringLiteral("/t/14.db"));
    QCOMPARE(recent.files().count("/t/12.db"), 1);
    settings.sync();
    QSettings again(folder.filePath("s.ini"), QSettings::IniFormat);
    QCOMPARE(RecentFiles(again).files(), recent.files());
    recent.clear();
    QVERIFY(recent.files().isEmpty());
  }
};

QObject* arrangement_suite(QObject* parent) {
  auto* suite = new ArrangementTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "arrangement_test.moc"
