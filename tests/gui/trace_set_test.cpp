#include "gui/traces/trace_set.hpp"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <semaphore>

#include "gui/traces/trace_focus.hpp"
#include "made_trace.hpp"
#include "suites.hpp"

namespace elblab::gui::test {

class TraceSetTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_trace_is_opened_and_judged_in_the_background() {
    const QTemporaryDir folder;
    TraceSet traces;
    OpenTrace* trace = traces.open(write_trace(folder, "a.db"));
    QVERIFY(trace->state() == OpenTrace::State::opening);
    QTRY_VERIFY(trace->state() == OpenTrace::State::complete);
    QCOMPARE(trace->facts().series.size(), std::size_t{3});
    QVERIFY(trace->facts().find("time_wait(c1)") != nullptr);
    QVERIFY(trace->facts().find("time_wait(c2)") == nullptr);
    QTRY_VERIFY(trace->judgement());
    // TW-01 wants 27,950 … 28,232 sockets in TIME_WAIT, the made run had 600.
    bool judged = false;
    for (const auto& verdict : trace->judgement()->verdicts) {
      if (verdict.expectation.measure.to_string() != "time_wait(c1)") continue;
      judged = true;
      QVERIFY(!verdict.holds);
      QCOMPARE(verdict.measured, double(kSeconds));
    }
    QVERIFY(judged);
  }

  void the_same_file_is_open_once() {
    const QTemporaryDir folder;
    const auto path = write_trace(folder, "a.db");
    TraceSet traces;
    OpenTrace* trace = traces.open(path);
    QCOMPARE(traces.open(path.parent_path() / "." / "a.db"), trace);
    QCOMPARE(traces.all().size(), std::size_t{1});
  }

  void a_question_is_answered_on_this_thread_and_asked_on_another() {
    const QTemporaryDir folder;
    TraceSet traces;
    OpenTrace* trace = traces.open(write_trace(folder, "a.db"));
    QThread* asked_on = nullptr;
    QThread* answered_on = nullptr;
    trace->ask(
        LaneKind::thorough, this,
        [](const trace::Reader& reader) {
          return std::pair(QThread::currentThread(), reader.series().size());
        },
        [&](std::pair<QThread*, std::size_t> answer) {
          asked_on = answer.first;
          answered_on = QThread::currentThread();
          QCOMPARE(answer.second, std::size_t{3});
        });
    QTRY_VERIFY(answered_on != nullptr);
    QCOMPARE(answered_on, thread());
    QVERIFY(asked_on != thread());
  }

  void neither_the_cancelled_nor_the_dead_hear_an_answer() {
    const QTemporaryDir folder;
    TraceSet traces;
    OpenTrace* trace = traces.open(write_trace(folder, "a.db"));
    int answers = 0;
    const auto ask = [&](QObject* receiver) {
      return trace->ask(
          LaneKind::quick, receiver, [](const trace::Reader&) { return 1; },
          [&](int) { ++answers; });
    };
    ask(this).cancel();
    auto* receiver = new QObject;
    ask(receiver);
    delete receiver;
    LatestRequest latest;
    latest = ask(this);
    latest = ask(this);
    QTRY_COMPARE(traces.pending(), 0);
    QCOMPARE(answers, 1);
  }

  void long_work_of_one_lane_does_not_hold_up_the_other() {
    const QTemporaryDir folder;
    TraceSet traces;
    OpenTrace* trace = traces.open(write_trace(folder, "a.db"));
    std::binary_semaphore release(0);
    bool slow = false;
    bool quick = false;
    trace->ask(
        LaneKind::thorough, this,
        [&](const trace::Reader&) {
          release.acquire();
          return 0;
        },
        [&](int) { slow = true; });
    trace->ask(
        LaneKind::quick, this, [](const trace::Reader&) { return 0; }, [&](int) { quick = true; });
    QTRY_VERIFY(quick);
    QVERIFY(!slow);
    release.release();
    QTRY_VERIFY(slow);
  }

  void closing_drops_what_is_under_way_and_does_not_wait_for_it() {
    const QTemporaryDir folder;
    TraceSet traces;
    OpenTrace* trace = traces.open(write_trace(folder, "a.db"));
    QTRY_COMPARE(traces.pending(), 0);
    std::binary_semaphore release(0);
    bool answered = false;
    trace->ask(
        LaneKind::quick, this,
        [&](const trace::Reader&) {
          release.acquire();
          return 0;
        },
        [&](int) { answered = true; });
    const QSignalSpy gone(trace, &QObject::destroyed);
    traces.close(trace);
    QVERIFY(traces.all().empty());
    QCOMPARE(gone.count(), 0);
    release.release();
    QTRY_COMPARE(gone.count(), 1);
    QVERIFY(!answered);
  }

  void a_trace_that_grows_is_followed_to_its_end() {
    const QTemporaryDir folder;
    GrowingTrace run(folder, "g.db");
    run.add_seconds(10);
    TraceSet traces;
    OpenTrace* trace = traces.open(run.path());
    QTRY_VERIFY_WITH_TIMEOUT(trace->readable() && to_seconds(trace->facts().end_of_run) >= 10,
                             20'000);
    QVERIFY(trace->state() == OpenTrace::State::growing);
    const auto generation = trace->generation();
    const SeriesCatalogue series = trace->facts().series;
    run.add_seconds(20);
    QTRY_VERIFY_WITH_TIMEOUT(to_seconds(trace->facts().end_of_run) >= 30, 20'000);
    QVERIFY(trace->generation() > generation);
    QVERIFY(trace->facts().series.same_as(series));  // there is nothing to make anew
    run.finish();
    QTRY_VERIFY_WITH_TIMEOUT(trace->state() == OpenTrace::State::complete, 20'000);
    QTRY_VERIFY(trace->judgement());
  }

  void the_focus_follows_what_is_open() {
    const QTemporaryDir folder;
    TraceSet traces;
    TraceFocus focus(traces);
    OpenTrace* first = traces.open(write_trace(folder, "a.db"));
    OpenTrace* second = traces.open(write_trace(folder, "b.db"));
    QCOMPARE(focus.current(), first);
    focus.compare_with(second);
    focus.choose(second);  // no trace is compared with itself
    QCOMPARE(focus.compared(), nullptr);
    traces.close(second);
    QCOMPARE(focus.current(), first);
    traces.close(first);
    QCOMPARE(focus.current(), nullptr);
  }
};

QObject* trace_set_suite(QObject* parent) {
  auto* suite = new TraceSetTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "trace_set_test.moc"
