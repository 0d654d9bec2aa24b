// The list of connections: its model, its filter, its pages.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "gui/connections/connection_columns.hpp"
#include "gui/connections/connections_view.hpp"
#include "gui/connections/filter_bar.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

ConnectionPages::Page rows_of(const std::vector<std::uint64_t>& ids) {
  ConnectionPages::Page rows;
  for (const std::uint64_t id : ids) {
    rows.emplace_back();
    rows.back().id = id;
  }
  return rows;
}

QString cell(const ConnectionModel& model, int row, const char* title) {
  for (int column = 0; column < model.columnCount(); ++column) {
    if (model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString() ==
        QString::fromUtf8(title)) {
      return model.index(row, column).data().toString();
    }
  }
  return QStringLiteral("no such column");
}

class ConnectionsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { path_ = write_run(folder_); }

  void the_model_obeys_the_rules_of_models() {
    ConnectionModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show_list({1000, std::nullopt});
    model.take_page(model.list_number(), 0, rows_of(model.ids_of_page(0)));
    model.grow(1200);
    model.show_list({1200, std::vector<std::uint64_t>{7, 3, 9}});
    model.take_page(model.list_number(), 0, rows_of(model.ids_of_page(0)));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(cell(model, 1, "#"), QStringLiteral("3"));
    model.show_list({});
    QCOMPARE(model.rowCount(), 0);
  }

  void a_page_is_asked_for_once_and_shown_when_it_comes() {
    ConnectionModel model;
    QSignalSpy wanted(&model, &ConnectionModel::page_wanted);
    model.show_list({1000, std::nullopt});
    QCOMPARE(cell(model, 300, "#"), QStringLiteral("…"));
    QCOMPARE(cell(model, 301, "#"), QStringLiteral("…"));
    QCOMPARE(wanted.size(), 1);
    const auto page = wanted.front().front().value<std::size_t>();
    model.take_page(model.list_number(), page, rows_of(model.ids_of_page(page)));
    QCOMPARE(cell(model, 300, "#"), QStringLiteral("301"));
    QCOMPARE(wanted.size(), 1);
  }

  void an_answer_to_an_older_list_is_left_out() {
    ConnectionModel model;
    model.show_list({1000, std::nullopt});
    const std::uint64_t older = model.list_number();
    model.show_list({1000, std::vector<std::uint64_t>{5}});
    model.take_page(older, 0, rows_of({1}));
    QVERIFY(model.row_at(0) == nullptr);
  }

  void memory_holds_a_bounded_number_of_pages() {
    ConnectionPages pages;
    for (std::size_t page = 0; page < 10 * ConnectionPages::kPages; ++page) {
      pages.put(page, rows_of({page}));
      QVERIFY(pages.find(0) != nullptr);  // used again and again: it stays
    }
    QCOMPARE(pages.size(), ConnectionPages::kPages);
    QVERIFY(pages.find(1) == nullptr);
  }

  void the_view_shows_every_connection() {
    Shown shown("connections", {path_});
    auto& view = shown.as<ConnectionsView>();
    QCOMPARE(view.model().rowCount(), kConnections);
    QCOMPARE(cell(view.model(), 0, "seen by"), QStringLiteral("c1"));
    QCOMPARE(cell(view.model(), 0, "source"), QStringLiteral("203.0.113.1:32768"));
  }

  void words_and_choices_filter_the_list_data() {
    QTest::addColumn<QString>("words");
    QTest::addColumn<int>("found");
    QTest::newRow("a reason's part") << "available" << kRefused;
    QTest::newRow("a role") << "session" << kSeconds * kPerSecond;
    QTest::newRow("a host") << "c2" << kSeconds * kPerSecond / 2;
    QTest::newRow("a server") << "app/b2" << kSeconds * kPerSecond / 3;
    QTest::newRow("an end") << "203.0.113.1:32768" << 2;
    QTest::newRow("a port") << ":1024" << 2;
    QTest::newRow("two words") << "c1 available" << kRefused;
    QTest::newRow("nothing fits") << "c2 available" << 0;
    QTest::newRow("sent again") << ">0" << 0;
  }

  void words_and_choices_filter_the_list() {
    QFETCH(const QString, words);
    QFETCH(const int, found);
    Shown shown("connections", {path_});
    auto* edit = shown.view->findChild<QLineEdit*>(QStringLiteral("words"));
    QTest::keyClicks(edit, words);
    QTest::keyClick(edit, Qt::Key_Return);
    shown.settle();
    QCOMPARE(shown.as<ConnectionsView>().model().rowCount(), found);
    shown.view->findChild<FilterBar*>()->clear();
    shown.settle();
    QCOMPARE(shown.as<ConnectionsView>().model().rowCount(), kConnections);
  }

  void the_time_shown_filters_the_list() {
    Shown shown("connections", {path_});
    QJsonObject filter{{"in_time", true}, {"object", "c1"}};
    shown.view->restore({{"filter", filter}});
    shown.selection.show_range({kStart + from_seconds(10), kStart + from_seconds(20)});
    shown.settle();
    QCOMPARE(shown.as<ConnectionsView>().model().rowCount(), 10 * kPerSecond / 2);
  }

  void a_click_on_a_heading_sorts_in_the_worker() {
    Shown shown("connections", {path_});
    auto* table = shown.view->findChild<QTableView*>();
    table->sortByColumn(1, Qt::DescendingOrder);
    shown.settle();
    ConnectionModel& model = shown.as<ConnectionsView>().model();
    QCOMPARE(model.rowCount(), kConnections);
    double before = 1e9;
    for (int row = 0; row < 100; ++row) {
      const double opened = cell(model, row, "opened (s)").toDouble();
      QVERIFY(opened <= before);
      before = opened;
    }
  }

  void choosing_a_row_chooses_the_connection_and_back() {
    Shown shown("connections", {path_});
    auto* table = shown.view->findChild<QTableView*>();
    table->selectRow(4);
    const int trace = shown.traces.all().front()->id();
    QVERIFY((shown.selection.connection() == ConnectionRef{trace, 5}));
    shown.selection.choose_connection(ConnectionRef{trace, 1000});
    QCOMPARE(table->currentIndex().row(), 999);
  }

  void evidence_shows_its_connections_alone_until_it_is_let_go() {
    Shown shown("connections", {path_});
    ConnectionModel& model = shown.as<ConnectionsView>().model();
    Highlight highlight;
    highlight.trace = shown.traces.all().front()->id();
    highlight.connections = {42, 7};
    shown.selection.show_highlight(highlight);
    shown.settle();
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(cell(model, 0, "#"), QStringLiteral("42"));
    shown.selection.clear_highlight();
    shown.settle();
    QCOMPARE(model.rowCount(), kConnections);
  }

  void a_search_that_is_stopped_leaves_the_list_as_it_was() {
    Shown shown("connections", {path_});
    shown.view->findChild<QTableView*>()->sortByColumn(1, Qt::DescendingOrder);
    QTest::keyClick(shown.view.get(), Qt::Key_Escape);
    shown.settle();
    ConnectionModel& model = shown.as<ConnectionsView>().model();
    QCOMPARE(model.rowCount(), kConnections);
    QCOMPARE(cell(model, 0, "#"), QStringLiteral("1"));
  }

  void settings_come_back() {
    Shown first("connections", {path_});
    first.view->restore({{"filter", QJsonObject{{"words", "available"}}}});
    first.settle();
    const QJsonObject settings = first.view->settings();
    Shown second("connections", {path_});
    second.view->restore(settings);
    second.settle();
    QCOMPARE(second.as<ConnectionsView>().model().rowCount(), kRefused);
  }

 private:
  QTemporaryDir folder_;
  std::filesystem::path path_;
};

}  // namespace

QObject* connections_suite(QObject* parent) {
  auto* suite = new ConnectionsTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "connections_test.moc"
