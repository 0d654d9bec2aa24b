#include <QTest>

#include "gui/timeline/time_axis.hpp"
#include "gui/timeline/value_axis.hpp"
#include "suites.hpp"

namespace elblab::gui::test {

using namespace std::chrono_literals;  // NOLINT

class AxisTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void a_moment_and_its_pixel_are_inverse() {
    const TimeAxis axis({kStart + 100s, kStart + 400s}, 50, 650);
    QCOMPARE(axis.x_of(kStart + 100s), 50.0);
    QCOMPARE(axis.x_of(kStart + 250s), 350.0);
    for (double x = 50; x <= 650; x += 7) QVERIFY(qAbs(axis.x_of(axis.at(x)) - x) < 1e-6);
    QVERIFY(axis.at(-1e12) == kStart);
  }

  // From nanoseconds to years: round, in order, inside, and as far apart as asked.
  void ticks_are_round_and_do_not_crowd() {
    for (std::int64_t length = 10'000; length < 100'000'000'000'000'000; length *= 7) {
      const TimeRange range{Instant(Duration(length / 3)), Instant(Duration(length / 3 + length))};
      const TimeAxis axis(range, 0, 1000);
      const auto ticks = axis.ticks(90);
      QVERIFY(!ticks.empty() && ticks.size() <= 12);
      const std::int64_t step = axis.step(90).count();
      for (const Instant tick : ticks) {
        QVERIFY(tick >= range.from && tick <= range.to);
        QCOMPARE(tick.time_since_epoch().count() % step, 0);
      }
      for (std::size_t i = 1; i < ticks.size(); ++i) {
        QVERIFY(axis.x_of(ticks[i]) - axis.x_of(ticks[i - 1]) >= 90 - 1e-6);
      }
    }
  }

  void labels_tell_neighbours_apart() {
    QCOMPARE(time_text(kStart + 30s, 10s), QStringLiteral("30 s"));
    QCOMPARE(time_text(kStart + 30'045ms, 5ms), QStringLiteral("30.045 s"));
    QCOMPARE(time_text(kStart + 2h + 5min, 60s), QStringLiteral("2:05:00"));
  }

  void a_range_is_moved_into_the_run_before_it_is_cut() {
    const TimeRange whole{kStart, kStart + 100s};
    QVERIFY(
        (within({kStart + 90s, kStart + 120s}, whole) == TimeRange{kStart + 70s, kStart + 100s}));
    QVERIFY((within({kStart - 10s, kStart + 10s}, whole) == TimeRange{kStart, kStart + 20s}));
    QVERIFY(within({kStart - 10s, kStart + 200s}, whole) == whole);
  }

  void zooming_keeps_the_fixed_moment_in_its_place() {
    const TimeRange range{kStart + 100s, kStart + 200s};
    const TimeAxis before(range, 0, 500);
    const Instant fixed = kStart + 130s;
    const TimeAxis after(scaled(range, fixed, 0.25), 0, 500);
    QCOMPARE(after.range().length(), Duration(25s));
    QVERIFY(qAbs(before.x_of(fixed) - after.x_of(fixed)) < 1e-6);
  }

  void values_lie_between_round_ends() {
    for (const double high : {0.0, 0.003, 1.0, 7.0, 470.5, 28232.0, 3.3e9}) {
      const ValueAxis axis(0, high, 10, 210);
      QCOMPARE(axis.low(), 0.0);
      QVERIFY(axis.high() >= high);
      QVERIFY(axis.ticks().size() >= 2 && axis.ticks().size() <= 7);
      QCOMPARE(axis.y_of(axis.low()), 210.0);
      QCOMPARE(axis.y_of(axis.high()), 10.0);
    }
  }

  void what_is_not_a_number_spoils_no_axis() {
    const ValueAxis axis(std::nan(""), std::numeric_limits<double>::infinity(), 0, 100);
    QVERIFY(axis.high() > axis.low());
    QVERIFY(std::isfinite(axis.y_of(1e300)));
  }

  void numbers_are_written_as_in_a_verdict() {
    QCOMPARE(value_text(28232), QStringLiteral("28,232"));
    QCOMPARE(value_text(12'340'000), QStringLiteral("12.3 M"));
  }
};

QObject* axis_suite(QObject* parent) {
  auto* suite = new AxisTest;
  suite->setParent(parent);
  return suite;
}

}  // namespace elblab::gui::test

#include "axis_test.moc"
