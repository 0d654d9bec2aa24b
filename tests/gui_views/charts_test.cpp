// The chart adapter, the axis of times, and what the distribution views count.
#include <QImage>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <memory>

#include "gui/charts/chart.hpp"
#include "gui/charts/time_axis.hpp"
#include "gui/distribution/heat_map.hpp"
#include "gui/distribution/meters.hpp"
#include "gui/distribution/shares.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"
#include "tests/must.hpp"

namespace elblab::gui::test {
namespace {

QImage picture_of(QWidget& widget) {
  widget.resize(400, 300);
  QImage image(widget.size(), QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  widget.render(&painter);
  return image;
}

class ChartsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { path_ = write_run(folder_); }

  void axis_labels_are_within_the_axis_and_not_more_than_asked_for() {
    for (const double low : {1.0, 350.0, 2e6, 9e9}) {
      for (const double factor : {1.0, 2.0, 30.0, 1e6, 1e12}) {
        const auto labels = time_axis_labels(low, low * factor, 9);
        QVERIFY(labels.size() <= 9);
        for (const AxisLabel& label : labels) {
          QVERIFY(label.position >= std::log10(low) - 1e-6);
          QVERIFY(label.position <= std::log10(low * factor) + 1e-6);
        }
      }
    }
    const auto labels = time_axis_labels(1e6, 1e7, 9);
    QCOMPARE(labels.size(), std::size_t{4});
    QCOMPARE(labels[0].text, QStringLiteral("1 ms"));
    QCOMPARE(labels[2].text, QStringLiteral("5 ms"));
    QCOMPARE(labels[3].text, QStringLiteral("10 ms"));
  }

  void other_numbers_make_other_pictures_and_the_same_ones_the_same() {
    Chart chart;
    const BarChart bars{"Per server", "%", {"b1", "b2"}, {{"actual", {60, 40}}}};
    chart.show_bars(bars);
    const QImage first = picture_of(chart);
    chart.show_areas({"Rates", "1/s", {0, 1, 2}, {{"a", {1, 2, 3}}, {"b", {3, 2, 1}}}});
    const QImage areas = picture_of(chart);
    QVERIFY(first != areas);
    chart.show_bars(bars);
    QCOMPARE(picture_of(chart), first);
    chart.show_bars({"Per server", "%", {"b1", "b2"}, {{"actual", {40, 60}}}});
    QVERIFY(picture_of(chart) != first);
  }

  void odd_data_is_drawn_without_harm() {
    Chart chart;
    chart.show_bars({});
    picture_of(chart);
    chart.show_histogram({"none", {{}}});
    picture_of(chart);
    chart.show_histogram({"one", {{"x", {{0, 0, 100}}, {{"p50", 0}}}}});
    picture_of(chart);
    chart.show_areas({"ragged", "", {0, 1}, {{"short", {1}}, {"long", {1, 2, 3}}}});
    picture_of(chart);
    chart.clear();
    QVERIFY(chart.empty());
  }

  void shares_are_those_of_the_sessions_and_expected_is_by_weight() {
    const auto reader = must(trace::Reader::open(path_));
    const Shares shares = read_shares(*reader, 10);
    QCOMPARE(shares.servers.size(), std::size_t{2});
    QCOMPARE(shares.servers[0].amount[0], kSeconds * kPerSecond * 2 / 3.0);
    QVERIFY(std::abs(shares.servers[0].share[0] - 2.0 / 3) < 1e-9);
    QVERIFY(std::abs(shares.servers[0].expected - 2.0 / 3) < 1e-9);
    QCOMPARE(shares.clients.size(), std::size_t{2});
    for (const ShareRow& client : shares.clients) QCOMPARE(client.share[0], 0.5);
  }

  void clients_beyond_the_most_are_the_others() {
    const auto reader = must(trace::Reader::open(path_));
    // Others stand for at least two: one alone keeps its name.
    QCOMPARE(read_shares(*reader, 1).clients.size(), std::size_t{2});
    const Shares shares = read_shares(*reader, 0);
    QCOMPARE(shares.client_count, std::size_t{2});
    QCOMPARE(shares.clients.size(), std::size_t{1});
    QCOMPARE(shares.clients[0].name, std::string("others"));
    QCOMPARE(shares.clients[0].share[0], 1.0);
  }

  void arrow_keys_walk_on_the_heat_map_and_stop_at_its_edges() {
    HeatMap map;
    map.resize(300, 200);
    map.show_cells({{"c1", "c2"}, {"s1", "s2", "s3"}, {1, 2, 3, 4, 5, 6}, "connections", 6});
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(*map.chosen(), QPoint(0, 0));
    for (int i = 0; i < 5; ++i) QTest::keyClick(&map, Qt::Key_Right);
    QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(*map.chosen(), QPoint(2, 1));
    QVERIFY(map.text_of(*map.chosen()).contains(QStringLiteral("c2 → s3: 6 connections, 40.0 %")));
  }

  void the_fullest_level_stands_first_and_a_click_shows_its_curve() {
    Shown shown("occupancy", {path_});
    const DataTable table = shown.view->table();
    QVERIFY(table.rows.size() >= 4);
    QCOMPARE(table.rows.front()[1], QStringLiteral("time_wait(c1)"));
    double before = 2;
    for (const QStringList& row : table.rows) {
      QVERIFY(row[7].toDouble() <= before);
      before = row[7].toDouble();
    }
    QTest::keyClick(shown.view->findChild<Meters*>(), Qt::Key_Down);
    QVERIFY((shown.selection.measures() ==
             std::vector<std::string>{"time_wait(c1)", "local_ports(c1)"}));
  }

  void response_times_follow_the_time_shown() {
    Shown shown("latency", {path_});
    const auto responses = [&] {
      double sum = 0;
      for (const QStringList& row : shown.view->table().rows) sum += row[3].toDouble();
      return sum;
    };
    QCOMPARE(responses(), 1.0 * kSeconds * kPerSecond);
    shown.selection.show_range({kStart + from_seconds(10.5), kStart + from_seconds(20.5)});
    shown.settle();
    QCOMPARE(responses(), 10.0 * kPerSecond);
  }

 private:
  QTemporaryDir folder_;
  std::filesystem::path path_;
};

}  // namespace

QObject* charts_suite(QObject* parent) {
  auto* suite = new ChartsTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "charts_test.moc"
