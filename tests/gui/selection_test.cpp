#include "gui/selection/selection.hpp"

#include <QSignalSpy>
#include <QTest>

#include "suites.hpp"

namespace elblab::gui::test {

using namespace std::chrono_literals;  // NOLINT

class SelectionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_change_is_told_once_and_no_change_not_at_all() {
    Selection selection;
    const QSignalSpy told(&selection, &Selection::range_changed);
    selection.show_range({kStart + 10s, kStart + 20s});
    selection.show_range({kStart + 10s, kStart + 20s});
    QCOMPARE(told.count(), 1);
    selection.show_whole_run();
    selection.show_whole_run();
    QCOMPARE(told.count(), 2);
    QVERIFY(!selection.range());
  }

  void a_range_is_never_shorter_than_the_shortest_and_never_begins_before_the_run() {
    Selection selection;
    selection.show_range({kStart + 5s, kStart + 5s});
    QCOMPARE(selection.range()->length(), Selection::kShortest);
    selection.show_range({kStart - 5s, kStart + 5s});
    QVERIFY(selection.range()->from == kStart);
    selection.show_range({kNever, kNever});
    QVERIFY(selection.range()->from < selection.range()->to);
  }

  void evidence_moves_range_measures_and_connection() {
    Selection selection;
    selection.choose_measures({"connected(c1)", "time_wait(c1)"});
    Highlight evidence;
    evidence.range = TimeRange{kStart + 30s, kStart + 60s};
    evidence.measures = {"time_wait(c1)", "refused_locally(c1)"};
    evidence.trace = 3;
    evidence.connections = {28233, 28234};
    selection.show_highlight(evidence);
    // A third of its length around it; its measures first, each once.
    QVERIFY((*selection.range() == TimeRange{kStart + 20s, kStart + 70s}));
    const std::vector<std::string> measures{"time_wait(c1)", "refused_locally(c1)",
                                            "connected(c1)"};
    QVERIFY(selection.measures() == measures);
    QVERIFY((*selection.connection() == ConnectionRef{3, 28233}));
    selection.clear_highlight();
    QVERIFY(!selection.highlight());
  }

  void evidence_of_the_whole_run_shows_the_whole_run() {
    Selection selection;
    selection.show_range({kStart + 10s, kStart + 20s});
    Highlight evidence;
    evidence.range = TimeRange{kStart, kNever};
    selection.show_highlight(evidence);
    QVERIFY(!selection.range());
  }
};

QObject* selection_suite(QObject* parent) {
  auto* suite = new SelectionTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "selection_test.moc"
