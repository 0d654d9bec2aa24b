#include <QImage>
#include <QMouseEvent>
#include <QPainter>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include "gui/export/view_export.hpp"
#include "gui/timeline/curve_shape.hpp"
#include "gui/timeline/scene_builder.hpp"
#include "gui/timeline/series_chooser.hpp"
#include "gui/timeline/timeline_canvas.hpp"
#include "gui/views/view_table.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {
namespace {

using namespace std::chrono_literals;  // NOLINT

// The view in a window of its own, with one trace or two.
struct Shown {
  explicit Shown(const std::vector<MadeTrace>& made = {MadeTrace{}}) {
    for (std::size_t i = 0; i < made.size(); ++i) {
      traces.open(write_trace(folder, ("t" + std::to_string(i) + ".db").c_str(), made[i]));
    }
    if (made.size() > 1) focus.compare_with(traces.all()[1]);
    view.reset(make_view(*find_view("timeseries"), {focus, selection}, nullptr));
    view->resize(900, 600);
    view->show();
    canvas = view->findChild<TimelineCanvas*>("canvas");
  }

  bool settle() {
    return QTest::qWaitFor([&] { return traces.pending() == 0 && !canvas->scene().panels.empty(); },
                           20'000);
  }
  TimeAxis axis() const {
    return layout_of(canvas->scene(), canvas->size(), canvas->fontMetrics())
        .time_axis(canvas->scene().range);
  }
  const Curve* curve(const char* measure, bool compared = false) const {
    for (const Panel& panel : canvas->scene().panels) {
      for (const Curve& each : panel.curves) {
        if (each.key.measure == measure && each.compared == compared) return &each;
      }
    }
    return nullptr;
  }
  void wheel(double x, int notches) const {
    QWheelEvent event({x, 100}, canvas->mapToGlobal(QPointF(x, 100)), {}, {0, 120 * notches},
                      Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas, &event);
  }
  void drag(QPoint from, QPoint to, Qt::KeyboardModifiers keys = {}) const {
    QTest::mousePress(canvas, Qt::LeftButton, keys, from);
    QMouseEvent move(QEvent::MouseMove, to, canvas->mapToGlobal(QPointF(to)), Qt::NoButton,
                     Qt::LeftButton, keys);
    QCoreApplication::sendEvent(canvas, &move);
    QTest::mouseRelease(canvas, Qt::LeftButton, keys, to);
  }

  QTemporaryDir folder;
  TraceSet traces;
  TraceFocus focus{traces};
  Selection selection;
  std::unique_ptr<View> view;
  TimelineCanvas* canvas = nullptr;
};

}  // namespace

class TimelineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void shows_what_the_scenario_expects_with_its_limit() {
    Shown shown;
    QVERIFY(shown.settle());
    QVERIFY(shown.curve("time_wait(c1)") != nullptr);
    const Curve* limit = shown.curve("local_ports(c1)");
    QVERIFY(limit != nullptr && limit->limit);
    QVERIFY(shown.view->empty_text().isEmpty());
  }

  // Against the samples as they were written.
  void a_curve_has_the_values_of_its_samples() {
    Shown shown;
    shown.selection.choose_measures({"time_wait(c1)", "connected(c1)"});
    shown.selection.show_range({kStart + 100s, kStart + 200s});
    QVERIFY(shown.settle());
    QTRY_VERIFY(value_at(*shown.curve("time_wait(c1)"), kStart + 150s).value_or(0) == 150);
    // A counter's increments in a second are its rate.
    QCOMPARE(*value_at(*shown.curve("connected(c1)"), kStart + 150s), kConnected);
    QVERIFY(!value_at(*shown.curve("time_wait(c1)"), kStart + 10'000s));
    const auto extent = extent_of(*shown.curve("time_wait(c1)"), {kStart + 120s, kStart + 130s});
    QVERIFY(extent->low >= 119 && extent->low <= 121);
    QVERIFY(extent->high >= 129 && extent->high <= 131);
  }

  void a_wheel_zooms_around_the_mouse() {
    Shown shown;
    QVERIFY(shown.settle());
    const double x = 400;
    const Instant under = shown.axis().at(x);
    shown.wheel(x, 3);
    QVERIFY(shown.selection.range());
    QCOMPARE(to_seconds(shown.selection.range()->length()), kSeconds * 0.8 * 0.8 * 0.8);
    QVERIFY(qAbs(to_seconds(shown.axis().at(x)) - to_seconds(under)) < 1);
    shown.wheel(x, -30);
    QVERIFY(!shown.selection.range());  // not farther than the whole run
    shown.wheel(x, 1000);               // nor nearer than can be shown
    QVERIFY(!shown.selection.range() || shown.selection.range()->length() >= Selection::kShortest);
  }

  void a_drag_zooms_to_what_it_marks_and_a_double_click_back() {
    Shown shown;
    QVERIFY(shown.settle());
    const TimeAxis axis = shown.axis();
    shown.drag({300, 100}, {500, 100});
    QVERIFY(shown.selection.range());
    QVERIFY(qAbs(to_seconds(shown.selection.range()->from) - to_seconds(axis.at(300))) < 1e-6);
    QVERIFY(qAbs(to_seconds(shown.selection.range()->to) - to_seconds(axis.at(500))) < 1e-6);
    QTest::mouseDClick(shown.canvas, Qt::LeftButton, {}, {400, 100});
    QVERIFY(!shown.selection.range());
    shown.drag({300, 100}, {302, 100});  // a click marks nothing
    QVERIFY(!shown.selection.range());
  }

  void shift_and_drag_pans_and_stops_at_the_ends() {
    Shown shown;
    QVERIFY(shown.settle());
    shown.selection.show_range({kStart + 200s, kStart + 300s});
    shown.drag({300, 100}, {400, 100}, Qt::ShiftModifier);
    QVERIFY(shown.selection.range()->from < kStart + 200s);
    QCOMPARE(to_seconds(shown.selection.range()->length()), 100.0);
    for (int i = 0; i < 20; ++i) shown.drag({300, 100}, {700, 100}, Qt::ShiftModifier);
    QVERIFY(shown.selection.range()->from == kStart);
  }

  void keys_do_what_the_mouse_does() {
    Shown shown;
    QVERIFY(shown.settle());
    QTest::keyClick(shown.canvas, Qt::Key_Plus);
    QCOMPARE(to_seconds(shown.selection.range()->length()), kSeconds / 2.0);
    const Instant from = shown.selection.range()->from;
    QTest::keyClick(shown.canvas, Qt::Key_Right);
    QVERIFY(shown.selection.range()->from > from);
    QTest::keyClick(shown.canvas, Qt::Key_End);
    QCOMPARE(to_seconds(shown.selection.range()->to), double(kSeconds));
    QTest::keyClick(shown.canvas, Qt::Key_Home);
    QVERIFY(shown.selection.range()->from == kStart);
    QTest::keyClick(shown.canvas, Qt::Key_0);
    QVERIFY(!shown.selection.range());
  }

  void the_crosshair_is_shared_and_leaves_with_the_mouse() {
    Shown shown;
    QVERIFY(shown.settle());
    QMouseEvent move(QEvent::MouseMove, {400, 100}, {400, 100}, Qt::NoButton, Qt::NoButton, {});
    QCoreApplication::sendEvent(shown.canvas, &move);
    QVERIFY(shown.selection.cursor());
    QVERIFY(qAbs(to_seconds(*shown.selection.cursor()) - to_seconds(shown.axis().at(400))) < 1e-3);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(shown.canvas, &leave);
    QVERIFY(!shown.selection.cursor());
  }

  void two_traces_lie_over_each_other_with_the_differences_marked() {
    Shown shown(std::vector<MadeTrace>{{}, {.seed = 2, .factor = 2}});
    shown.selection.choose_measures({"time_wait(c1)", "connected(c1)"});
    QVERIFY(shown.settle());
    QTRY_VERIFY(value_at(*shown.curve("time_wait(c1)", true), kStart + 300s).value_or(0) > 0);
    const double first = *value_at(*shown.curve("time_wait(c1)"), kStart + 300s);
    QVERIFY(qAbs(*value_at(*shown.curve("time_wait(c1)", true), kStart + 300s) - 2 * first) <= 4);
    const TimeAxis axis = shown.axis();
    const ValueAxis values(0, 1200, 0, 200);
    const auto apart = differences_of(*shown.curve("time_wait(c1)"),
                                      *shown.curve("time_wait(c1)", true), axis, values);
    // One is ahead by a socket per second: by 5 % of the axis from then on.
    QCOMPARE(apart.size(), std::size_t{1});
    QVERIFY(qAbs(to_seconds(axis.at(apart[0].from)) - 0.05 * values.high()) < 3);
    QVERIFY(differences_of(*shown.curve("connected(c1)"), *shown.curve("connected(c1)", true), axis,
                           values)
                .empty());
  }

  // However many samples: at most four points per pixel column.
  void a_curve_has_few_points_per_column() {
    Shown shown(std::vector<MadeTrace>{{.seconds = 50'000}});
    shown.selection.choose_measures({"time_wait(c1)"});
    QVERIFY(shown.settle());
    const TimeAxis axis = shown.axis();
    qsizetype points = 0;
    for (const CurveStretch& stretch :
         stretches_of(*shown.curve("time_wait(c1)"), axis, ValueAxis(0, 50'000, 0, 200))) {
      points += stretch.line.size() + stretch.band.size();
    }
    QVERIFY(points > 100);
    QVERIFY(points <= 4 * (axis.right() - axis.left() + 2));
  }

  void a_trace_that_grows_adds_to_the_list_of_measures_and_changes_nothing_else_in_it() {
    const QTemporaryDir folder;
    GrowingTrace run(folder, "g.db");
    run.add_seconds(5);
    TraceSet traces;
    TraceFocus focus(traces);
    Selection selection;
    const std::unique_ptr<View> view(
        make_view(*find_view("timeseries"), {focus, selection}, nullptr));
    const SeriesModel& model = view->findChild<SeriesChooser*>()->model();
    OpenTrace* trace = traces.open(run.path());
    const auto shows = [&](int seconds) {
      return trace->readable() && to_seconds(trace->facts().end_of_run) >= seconds;
    };
    QTRY_VERIFY_WITH_TIMEOUT(shows(5), 20'000);
    QCOMPARE(model.rowCount(), 3);
    const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    const QSignalSpy inserts(&model, &QAbstractItemModel::rowsInserted);
    const QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    run.add_seconds(5);
    QTRY_VERIFY_WITH_TIMEOUT(shows(10), 20'000);
    QCOMPARE(inserts.size(), qsizetype{0});
    run.add_series("opened");
    run.add_series("served");
    run.add_seconds(5);
    QTRY_VERIFY_WITH_TIMEOUT(shows(15), 20'000);
    QCOMPARE(model.rowCount(), 5);
    QCOMPARE(inserts.size(), qsizetype{1});
    QCOMPARE(resets.size() + changes.size(), qsizetype{0});
    QCOMPARE(model.data(model.index(4), Qt::DisplayRole).toString(), QStringLiteral("served(c1)"));
  }

  void measures_that_are_not_there_are_told_of() {
    Shown shown;
    QVERIFY(shown.settle());
    shown.selection.choose_measures({"nothing(c1)"});
    QVERIFY2(shown.view->empty_text().contains("Measures"), qPrintable(shown.view->empty_text()));
  }

  void pictures_and_numbers_are_exported() {
    Shown shown;
    shown.selection.choose_measures({"time_wait(c1)"});
    QVERIFY(shown.settle());
    const QString png = shown.folder.filePath("a.png");
    QCOMPARE(export_view(*shown.view, {700, 400}, png), QString());
    const QImage image(png);
    QCOMPARE(image.size(), QSize(700, 400));
    const QColor blue = Theme::of(shown.view->palette()).colour_of(0);
    int painted = 0;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) painted += image.pixelColor(x, y) == blue ? 1 : 0;
    }
    QVERIFY2(painted > 50, "the curve is not in the picture");

    const QString svg = shown.folder.filePath("a.svg");
    QCOMPARE(export_view(*shown.view, {700, 400}, svg), QString());
    QVERIFY(QSvgRenderer(svg).isValid());

    const QString csv = shown.folder.filePath("a.csv");
    QCOMPARE(export_view(*shown.view, {700, 400}, csv), QString());
    QFile file(csv);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QStringList lines = QString::fromUtf8(file.readAll()).split("\r\n", Qt::SkipEmptyParts);
    QVERIFY(lines.size() > 100);
    double sum = 0;
    for (const QString& line : lines) {
      if (line.contains("time_wait(c1),sockets")) sum += 1;
    }
    QVERIFY(sum > 100);
    QVERIFY(!export_view(*shown.view, {700, 400}, shown.folder.filePath("a.gif")).isEmpty());
  }
};

QObject* timeline_suite(QObject* parent) {
  auto* suite = new TimelineTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "timeline_test.moc"
