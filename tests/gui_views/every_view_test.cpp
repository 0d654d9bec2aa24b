// What holds for each view of this part: pictures, tables, small windows, empty traces, two traces.
#include <QGraphicsView>
#include <QImage>
#include <QPainter>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <semaphore>
#include <set>

#include "gui/connections/connections_view.hpp"
#include "gui/connections/ladder_canvas.hpp"
#include "gui/distribution/heat_map.hpp"
#include "gui/distribution/meters.hpp"
#include "gui/page/page.hpp"
#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

namespace fs = std::filesystem;

QImage picture_of(View& view, QSize size) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(Qt::magenta);
  QPainter painter(&image);
  view.paint(painter, size);
  return image;
}

// What stands on the screen, not what an export would draw.
QImage screen_of(View& view) {
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
  return view.grab().toImage();
}

// What a person learns from a view.
struct Told {
  QImage picture;
  QImage screen;
  QString numbers;
  bool operator==(const Told&) const = default;
};
// As a person would, after whatever is posted was done: a theme reaches the widgets by events.
Told told_by(View& view) {
  Told told;
  told.screen = screen_of(view);
  told.picture = picture_of(view, {700, 400});
  told.numbers = csv_of(view.table());
  return told;
}

int colours_of(const QImage& image) {
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); y += 2) {
    for (int x = 0; x < image.width(); x += 2) colours.insert(image.pixel(x, y));
  }
  return static_cast<int>(colours.size());
}

void add_names() {
  QTest::addColumn<QByteArray>("name_of");
  for (const ViewEntry& entry : view_table()) QTest::newRow(entry.name) << QByteArray(entry.name);
}

class EveryViewTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    path_ = write_run(folder_);
    other_ = write_run(folder_, "other.db");
    empty_ = write_empty_run(folder_);
  }

  void a_picture_shows_something_and_is_the_same_again_data() { add_names(); }
  void a_picture_shows_something_and_is_the_same_again() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    for (const QSize size : {QSize(900, 500), QSize(360, 240)}) {
      QImage image;
      {
        Shown first(name, {path_});
        QVERIFY(first.view->empty_text().isEmpty());
        image = picture_of(*first.view, size);
      }
      QVERIFY(colours_of(image) > 8);
      QVERIFY(image.pixelColor(size.width() - 2, size.height() - 2) != QColor(Qt::magenta));
      Shown second(name, {path_});
      QCOMPARE(picture_of(*second.view, size), image);
    }
  }

  void a_table_has_as_many_cells_as_columns_in_each_row_data() { add_names(); }
  void a_table_has_as_many_cells_as_columns_in_each_row() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    Shown shown(name, {path_, other_});
    const DataTable table = shown.view->table();
    QVERIFY(!table.rows.empty());
    for (const QStringList& row : table.rows) QCOMPARE(row.size(), table.columns.size());
  }

  void no_trace_and_an_empty_one_are_told_in_words_data() { add_names(); }
  void no_trace_and_an_empty_one_are_told_in_words() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    Shown nothing(name);
    QVERIFY(nothing.view->empty_text().contains(QStringLiteral("No trace is open")));
    Shown empty(name, {empty_});
    // These two have something to say of a run in which nothing happened.
    const bool tells = name_of == "overview" || name_of == "diagnosis";
    QCOMPARE(empty.view->empty_text().isEmpty(), tells);
    picture_of(*empty.view, {500, 300});
  }

  void closing_the_trace_leaves_nothing_behind_data() { add_names(); }
  void closing_the_trace_leaves_nothing_behind() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    Shown shown(name, {path_, other_});
    while (!shown.traces.all().empty()) shown.traces.close(shown.traces.all().front());
    shown.settle();
    QVERIFY(!shown.view->empty_text().isEmpty());
    picture_of(*shown.view, {500, 300});
  }

  void another_trace_and_back_shows_the_same_again_data() { add_names(); }
  void another_trace_and_back_shows_the_same_again() {
    QFETCH(const QByteArray, name_of);
    Shown shown(name_of.constData(), {path_});
    OpenTrace* first = shown.focus.current();
    const Told before = told_by(*shown.view);
    OpenTrace* second = shown.traces.open(empty_);
    shown.settle();
    for (int i = 0; i < 2; ++i) {
      shown.focus.choose(second);
      shown.settle();
      QVERIFY(told_by(*shown.view) != before);
      shown.focus.choose(first);
      shown.settle();
      QVERIFY(told_by(*shown.view) == before);
    }
  }

  // The stretch of time is of all traces: one that was not on show when it changed follows as well.
  void a_stretch_chosen_over_another_trace_holds_for_this_one_data() { add_names(); }
  void a_stretch_chosen_over_another_trace_holds_for_this_one() {
    QFETCH(const QByteArray, name_of);
    const TimeRange part{kStart + from_seconds(10.5), kStart + from_seconds(20.5)};
    Shown shown(name_of.constData(), {path_});
    OpenTrace* first = shown.focus.current();
    shown.focus.choose(shown.traces.open(empty_));
    shown.settle();
    shown.selection.show_range(part);
    shown.settle();
    shown.focus.choose(first);
    shown.settle();
    Shown wanted(name_of.constData(), {path_});
    wanted.selection.show_range(part);
    wanted.settle();
    QCOMPARE(csv_of(shown.view->table()), csv_of(wanted.view->table()));
    QCOMPARE(picture_of(*shown.view, {700, 400}), picture_of(*wanted.view, {700, 400}));
  }

  // A question that was under way when the file went away has no answer; it must be asked again.
  void a_trace_that_goes_away_and_comes_back_is_shown_again_data() { add_names(); }
  void a_trace_that_goes_away_and_comes_back_is_shown_again() {
    QFETCH(const QByteArray, name_of);
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("run.db").toStdString();
    const fs::path away = folder.filePath("away.db").toStdString();
    fs::copy_file(path_, path);
    Shown shown(name_of.constData());
    OpenTrace* trace = shown.traces.open(path);
    shown.settle();
    const Told before = told_by(*shown.view);
    const fs::path second = folder.filePath("second.db").toStdString();
    fs::copy_file(path_, second);
    OpenTrace* other = shown.traces.open(second);
    shown.settle();
    // Whatever the view asks now waits, and meets a file that is not there.
    std::binary_semaphore quick(0);
    std::binary_semaphore thorough(0);
    const auto hold = [&](LaneKind lane, std::binary_semaphore& until) {
      other->ask(
          lane, this,
          [&until](const trace::Reader&) {
            until.acquire();
            return 0;
          },
          [](int) {});
    };
    hold(LaneKind::quick, quick);
    hold(LaneKind::thorough, thorough);
    shown.focus.choose(other);
    QCoreApplication::processEvents();
    fs::rename(second, away);
    other->look_again();
    quick.release();
    thorough.release();
    shown.settle();
    QVERIFY(other->state() == OpenTrace::State::failed);
    QVERIFY(!shown.view->empty_text().isEmpty());
    fs::rename(away, second);
    other->look_again();
    shown.settle();
    QVERIFY2(shown.view->empty_text().isEmpty(), qPrintable(shown.view->empty_text()));
    QVERIFY(shown.view->table().rows.size() > 1);
    shown.focus.choose(trace);
    shown.settle();
    QVERIFY(told_by(*shown.view) == before);
  }

  // A trace that grows is looked at twice a second: what did not change is not made anew.
  void a_look_that_finds_nothing_new_leaves_what_a_person_holds() {
    const auto look_again = [](Shown& shown) {
      const auto generation = shown.focus.current()->generation();
      shown.focus.current()->look_again();
      shown.settle();
      QVERIFY(shown.focus.current()->generation() > generation);
    };
    Shown heat("heatmap", {path_});
    auto* map = heat.view->findChild<HeatMap*>();
    QTest::keyClick(map, Qt::Key_Down);
    QTest::keyClick(map, Qt::Key_Down);
    look_again(heat);
    QCOMPARE(map->chosen(), std::optional<QPoint>(QPoint(0, 1)));

    Shown occupancy("occupancy", {path_});
    auto* meters = occupancy.view->findChild<Meters*>();
    for (int i = 0; i < 3; ++i) QTest::keyClick(meters, Qt::Key_Down);
    look_again(occupancy);
    QCOMPARE(meters->chosen(), std::optional<std::size_t>(2));

    Shown ladder("ladder", {path_});
    auto* canvas = ladder.view->findChild<LadderCanvas*>();
    canvas->select_hop(3);
    look_again(ladder);
    QCOMPARE(canvas->selected_hop(), std::optional<std::size_t>(3));

    for (const char* name : {"overview", "diagnosis"}) {
      Shown text(name, {path_});
      auto* page = text.view->findChild<Page*>();
      page->selectAll();
      look_again(text);
      QVERIFY(page->textCursor().hasSelection());
    }
    for (const char* name : {"distribution", "latency"}) {
      Shown charts(name, {path_});
      const auto items = [&] {
        QList<QGraphicsItem*> all;
        for (const QGraphicsView* view : charts.view->findChildren<QGraphicsView*>()) {
          all << view->items();
        }
        return all;
      };
      const QList<QGraphicsItem*> before = items();
      QVERIFY(before.size() > 10);
      look_again(charts);
      QVERIFY(items() == before);
    }
    Shown list("connections", {path_});
    const QSignalSpy resets(&list.as<ConnectionsView>().model(), &QAbstractItemModel::modelReset);
    list.view->findChild<QTableView*>()->selectRow(50);
    look_again(list);
    QCOMPARE(resets.size(), qsizetype{0});
    QCOMPARE(list.view->findChild<QTableView*>()->currentIndex().row(), 50);
  }

  void the_overview_has_what_health_checks_found() {
    Shown overview("overview", {path_});
    const QString text = overview.view->findChild<Page*>()->toPlainText();
    QVERIFY(text.contains(QStringLiteral("Health checks")));
    QVERIFY(text.contains(QStringLiteral("25.0 %")));
    bool in_table = false;
    for (const auto& row : overview.view->table().rows) {
      in_table =
          in_table || (row[1] == QStringLiteral("health") && row[2] == QStringLiteral("app/b2"));
    }
    QVERIFY(in_table);
  }

  void a_change_of_theme_changes_a_view_at_once_and_whole_data() { add_names(); }
  void a_change_of_theme_changes_a_view_at_once_and_whole() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    apply_theme(*qApp, Tone::dark);
    Told dark;
    {
      Shown shown(name, {path_, other_});
      dark = told_by(*shown.view);
    }
    apply_theme(*qApp, Tone::light);
    Shown shown(name, {path_, other_});
    const Told light = told_by(*shown.view);
    QVERIFY(light.picture != dark.picture && light.screen != dark.screen);
    for (int i = 0; i < 2; ++i) {
      apply_theme(*qApp, Tone::dark);
      QVERIFY(told_by(*shown.view) == dark);
      apply_theme(*qApp, Tone::light);
      QVERIFY(told_by(*shown.view) == light);
    }
  }

  void a_dark_window_has_a_dark_picture_data() { add_names(); }
  void a_dark_window_has_a_dark_picture() {
    QFETCH(const QByteArray, name_of);
    const char* name = name_of.constData();
    apply_theme(*qApp, Tone::dark);
    {
      Shown shown(name, {path_});
      const QImage image = picture_of(*shown.view, {700, 400});
      double light = 0;
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) light += qGray(image.pixel(x, y));
      }
      QVERIFY(light / (image.width() * image.height()) < 110);
    }
    apply_theme(*qApp, Tone::light);
  }

 private:
  QTemporaryDir folder_;
  std::filesystem::path path_;
  std::filesystem::path other_;
  std::filesystem::path empty_;
};

}  // namespace

QObject* every_view_suite(QObject* parent) {
  auto* suite = new EveryViewTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "every_view_test.moc"
