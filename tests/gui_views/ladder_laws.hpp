// The laws of a ladder's layout, as ladder_layout.hpp states them.
#pragma once

#include <QTest>
#include <algorithm>
#include <vector>

#include "gui/connections/ladder.hpp"
#include "gui/connections/ladder_layout.hpp"

namespace elblab::gui::test {

inline std::vector<QRectF> labels_of(const LadderLayout& layout) {
  std::vector<QRectF> labels;
  for (const LadderArrow& arrow : layout.arrows) labels.push_back(arrow.label);
  for (const LadderNote& note : layout.notes) labels.push_back(note.label);
  for (const LadderPause& pause : layout.pauses) labels.push_back(pause.band);
  return labels;
}

// Fails the test that asks.
inline void obeys_the_laws(const Ladder& ladder, const LadderLayout& layout) {
  QCOMPARE(layout.arrows.size(), ladder.hops.size());
  QCOMPARE(layout.lanes.size(), ladder.lanes.size());
  QVERIFY(std::is_sorted(layout.lanes.begin(), layout.lanes.end()));
  QVERIFY(layout.lanes.back() < layout.size.width());
  const std::vector<QRectF> labels = labels_of(layout);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = i + 1; j < labels.size(); ++j) {
      const QRectF both = labels[i].intersected(labels[j]);
      QVERIFY2(both.width() <= 0.01 || both.height() <= 0.01, qPrintable(QString::number(i)));
    }
  }
  for (std::size_t i = 0; i < layout.arrows.size(); ++i) {
    const LadderArrow& arrow = layout.arrows[i];
    QVERIFY(arrow.line.y2() <= layout.size.height());
    QVERIFY(arrow.label.right() <= layout.size.width());
    for (std::size_t j = 0; j < i; ++j) {
      const LadderArrow& before = layout.arrows[j];
      QVERIFY(before.line.y1() <= arrow.line.y1());
      const bool later = ladder.hops[j].departed < ladder.hops[i].departed;
      QVERIFY(!later || before.line.y1() < arrow.line.y1());
      const bool arrived = ladder.hops[j].arrived <= ladder.hops[i].departed;
      if (arrived && ladder.hops[j].fate == Fate::arrived) {
        QVERIFY(before.line.y2() <= arrow.line.y1());
      }
    }
  }
  double bottom = -1;
  for (const LadderTime& time : layout.times) {
    QVERIFY(time.label.top() >= bottom);
    bottom = time.label.bottom();
  }
}

}  // namespace elblab::gui::test
