#include <sqlite3.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "gui/views/view_table.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

QByteArray contents_of(const std::filesystem::path& path) {
  QFile file(QString::fromStdString(path.string()));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const std::filesystem::path& path, const QByteArray& bytes) {
  QFile file(QString::fromStdString(path.string()));
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(bytes);
}

void set_version(const std::filesystem::path& path, int version) {
  sqlite3* database = nullptr;
  QCOMPARE(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const std::string sql = "PRAGMA user_version = " + std::to_string(version);
  QCOMPARE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

// Every view of the table shows `path`; what it says instead of content is given back.
QStringList shown_in_every_view(const std::filesystem::path& path) {
  TraceSet traces;
  TraceFocus focus(traces);
  Selection selection;
  traces.open(path);
  QStringList texts;
  for (const ViewEntry& entry : view_table()) {
    const std::unique_ptr<View> view(make_view(entry, {focus, selection}, nullptr));
    view->resize(600, 400);
    view->show();
    if (!QTest::qWaitFor([&] { return traces.pending() == 0; }, 60'000)) return {"never settled"};
    QCoreApplication::processEvents();
    view->grab();
    texts << view->empty_text();
  }
  return texts;
}

}  // namespace

class RefusedTraceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void damaged_foreign_and_other_versions_are_told_of_and_left_alone_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("said");
    QTest::newRow("no trace") << "text"
                              << "not an elblab trace";
    QTest::newRow("empty file") << "empty"
                                << "not an elblab trace";
    QTest::newRow("older") << "older"
                           << "older";
    QTest::newRow("newer") << "newer"
                           << "schema version";
    QTest::newRow("truncated") << "truncated"
                               << "truncated";
    QTest::newRow("missing") << "missing"
                             << "no such file";
  }

  void damaged_foreign_and_other_versions_are_told_of_and_left_alone() {
    QFETCH(QString, what);
    QFETCH(QString, said);
    const QTemporaryDir folder;
    auto path = write_trace(folder, "a.db");
    if (what == "text") write(path, "hello, this is no trace at all");
    if (what == "empty") write(path, "");
    if (what == "older") set_version(path, 1);
    if (what == "newer") set_version(path, 99);
    if (what == "truncated") write(path, contents_of(path).left(contents_of(path).size() / 2));
    if (what == "missing") path += ".gone";
    const QByteArray before = contents_of(path);
    for (const QString& text : shown_in_every_view(path)) {
      QVERIFY2(text.contains(said), qPrintable(text));
    }
    QCOMPARE(contents_of(path), before);
  }

  void a_run_without_a_sample_is_told_of() {
    const QTemporaryDir folder;
    const auto path = write_trace(folder, "a.db", {.seconds = 0});
    const QByteArray before = contents_of(path);
    QVERIFY(!shown_in_every_view(path).contains("never settled"));
    QCOMPARE(contents_of(path), before);
  }

  void a_run_that_goes_on_is_shown_as_far_as_it_went() {
    const QTemporaryDir folder;
    GrowingTrace run(folder, "a.db");
    run.add_seconds(30);
    TraceSet traces;
    TraceFocus focus(traces);
    Selection selection;
    OpenTrace* trace = traces.open(run.path());
    QTRY_VERIFY_WITH_TIMEOUT(trace->readable() && to_seconds(trace->facts().end_of_run) >= 30,
                             20'000);
    QVERIFY(!shown_in_every_view(run.path()).contains("never settled"));
  }

  void a_file_that_becomes_a_trace_later_can_be_read_again() {
    const QTemporaryDir folder;
    TraceSet traces;
    const auto path = std::filesystem::path(folder.path().toStdString()) / "a.db";
    OpenTrace* trace = traces.open(path);
    QTRY_VERIFY(trace->state() == OpenTrace::State::failed);
    write_trace(folder, "a.db");
    QCOMPARE(traces.open(path), trace);
    QTRY_VERIFY(trace->state() == OpenTrace::State::complete);
  }
};

QObject* refused_trace_suite(QObject* parent) {
  auto* suite = new RefusedTraceTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "refused_trace_test.moc"
