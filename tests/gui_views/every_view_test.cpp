// What holds for each view of this part: pictures, tables, small windows, empty traces, two traces.
#include <QImage>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "tests/gui_views/made_run.hpp"
#include "tests/gui_views/shown.hpp"
#include "tests/gui_views/suites.hpp"

namespace elblab::gui::test {
namespace {

constexpr const char* kNames[] = {"overview", "distribution", "heatmap", "occupancy",
                                  "latency",  "connections",  "ladder",  "diagnosis"};

QImage picture_of(View& view, QSize size) {
  QImage image(size, QImage::Format_RGB32);
  image.fill(Qt::magenta);
  QPainter painter(&image);
  view.paint(painter, size);
  return image;
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
  for (const char* name : kNames) QTest::newRow(name) << QByteArray(name);
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
