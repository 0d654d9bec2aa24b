// Away and back: what a view showed of a trace it shows again, whatever was looked at meanwhile.
#include <QListView>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "gui/application/main_window.hpp"
#include "gui/timeline/curve_loader.hpp"
#include "gui/timeline/timeline_canvas.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

using namespace std::chrono_literals;  // NOLINT

constexpr TimeRange kWholeRun{kStart, kStart + std::chrono::seconds(kSeconds)};

// A window over two traces; time_wait(c1) of the second grows twice as fast.
struct TwoTraces {
  TwoTraces()
      : window(*qobject_cast<QApplication*>(QCoreApplication::instance()), arguments()),
        list(window.findChild<QListView*>("traces")) {
    window.show();
  }
  Arguments arguments() const {
    Arguments given;
    given.traces = {path("a.db", {.connections = 20, .changes = 3}),
                    path("b.db", {.seed = 2, .factor = 2})};
    given.measures = {"time_wait(c1)", "connected(c1)"};
    return given;
  }
  QString path(const char* name, const MadeTrace& made) const {
    return QString::fromStdString(write_trace(folder, name, made).string());
  }
  bool settle() {
    return QTest::qWaitForWindowExposed(&window) &&
           QTest::qWaitFor([&] { return window.traces().pending() == 0; }, 30'000);
  }
  // As a person does it.
  bool click(int row) {
    const QRect place = list->visualRect(list->model()->index(row, 0));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, place.center());
    return window.focus().current() == window.traces().all()[static_cast<std::size_t>(row)] &&
           settle();
  }
  const Scene& scene() const { return window.findChild<TimelineCanvas*>("canvas")->scene(); }
  // The values of the curves at a moment, in their order; -1 for one that has none.
  std::vector<double> values_at(Instant at) const {
    std::vector<double> values;
    for (const Panel& panel : scene().panels) {
      for (const Curve& curve : panel.curves) values.push_back(value_at(curve, at).value_or(-1));
    }
    return values;
  }

  QTemporaryDir folder;
  MainWindow window;
  QListView* list;
};

// One curve of one trace, without a window.
struct Loading {
  explicit Loading(const QTemporaryDir& folder) : trace(traces.open(write_trace(folder, "a.db"))) {
    loaded = settle();
  }
  bool settle() {
    return QTest::qWaitFor([&] { return traces.pending() == 0; }, 30'000) && trace->readable();
  }
  CurveKey key(const char* measure) const { return {trace->id(), measure}; }

  TraceSet traces;
  OpenTrace* trace;
  CurveLoader loader{traces};
  bool loaded = false;
};

}  // namespace

class SwitchingTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { QSettings().clear(); }

  void a_trace_has_its_curves_again_after_another_was_shown() {
    TwoTraces two;
    QVERIFY(two.settle());
    const std::vector<double> first = two.values_at(kStart + 300s);
    QCOMPARE(first.size(), std::size_t{3});  // and the limit
    QVERIFY(qAbs(first[0] - 300) <= 1);
    QVERIFY(two.click(1));
    QVERIFY(qAbs(two.values_at(kStart + 300s)[0] - 600) <= 2);
    for (int i = 0; i < 3; ++i) {
      QVERIFY(two.click(0));
      QVERIFY(two.values_at(kStart + 300s) == first);
      QVERIFY(two.click(1));
    }
  }

  // Faster than any answer comes.
  void a_trace_clicked_away_from_and_back_to_at_once_has_its_curves() {
    TwoTraces two;
    QVERIFY(two.settle());
    const std::vector<double> first = two.values_at(kStart + 300s);
    for (const int row : {1, 0, 1, 0}) {
      two.window.focus().choose(two.window.traces().all()[static_cast<std::size_t>(row)]);
    }
    QVERIFY(two.settle());
    QVERIFY(two.values_at(kStart + 300s) == first);
  }

  void curves_laid_over_come_back_with_the_check_mark() {
    TwoTraces two;
    QVERIFY(two.settle());
    OpenTrace* second = two.window.traces().all()[1];
    two.window.focus().compare_with(second);
    QVERIFY(two.settle());
    const std::vector<double> both = two.values_at(kStart + 300s);
    QCOMPARE(both.size(), std::size_t{6});
    two.window.focus().compare_with(nullptr);
    QVERIFY(two.settle());
    two.window.focus().compare_with(second);
    QVERIFY(two.settle());
    QVERIFY(two.values_at(kStart + 300s) == both);
  }

  void changes_are_marked_again_after_a_trace_that_cannot_be_read() {
    TwoTraces two;
    QVERIFY(two.settle());
    QCOMPARE(two.scene().markers.size(), std::size_t{3});
    OpenTrace* first = two.window.focus().current();
    two.window.focus().choose(
        two.window.traces().open(two.folder.filePath("gone.db").toStdString()));
    QVERIFY(two.settle());
    two.window.focus().choose(first);
    QVERIFY(two.settle());
    QCOMPARE(two.scene().markers.size(), std::size_t{3});
  }

  void measures_wanted_again_are_read_again() {
    const QTemporaryDir folder;
    Loading one(folder);
    QVERIFY(one.loaded);
    for (const char* measure : {"time_wait(c1)", "connected(c1)", "time_wait(c1)"}) {
      one.loader.want({one.key(measure)}, kWholeRun, 500);
      QVERIFY(one.settle());
      const CurveData* data = one.loader.find(one.key(measure), kWholeRun);
      QVERIFY(data != nullptr && !data->buckets.empty());
    }
  }

  // The detail was under way when its curve was dropped: what comes must not pass for all of it.
  void the_whole_run_is_at_hand_for_a_zoom_out_whatever_was_dropped_meanwhile() {
    const QTemporaryDir folder;
    Loading one(folder);
    QVERIFY(one.loaded);
    const CurveKey key = one.key("time_wait(c1)");
    const TimeRange part{kStart + 100s, kStart + 110s};
    one.loader.want({key}, kWholeRun, 500);
    QVERIFY(one.settle());
    one.loader.want({key}, part, 500);
    one.loader.want({one.key("connected(c1)")}, part, 500);
    one.loader.want({key}, part, 500);
    QVERIFY(one.settle());
    const CurveData* data = one.loader.find(key, kWholeRun);
    QVERIFY(data != nullptr);
    QVERIFY(data->range.from == kStart && data->range.to >= kWholeRun.to);
  }

  // Nothing is read twice for the same picture.
  void what_is_at_hand_is_not_asked_for_again() {
    const QTemporaryDir folder;
    Loading one(folder);
    QVERIFY(one.loaded);
    const CurveKey key = one.key("time_wait(c1)");
    one.loader.want({key}, kWholeRun, 500);
    QVERIFY(one.settle());
    one.loader.want({key}, kWholeRun, 500);
    QCOMPARE(one.traces.pending(), 0);
    one.loader.want({one.key("nothing(c1)")}, kWholeRun, 500);
    QCOMPARE(one.traces.pending(), 0);
  }
};

QObject* switching_suite(QObject* parent) {
  auto* suite = new SwitchingTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "switching_test.moc"
