// Fetches the buckets of curves from the traces' worker threads, for the stretch of time on show.
//
// Each trace is asked one thing at a time: while an answer is under way only the newest wish is
// remembered, so a fast hand on the wheel leaves no queue behind and still sees every answer. Asked
// is half a screen more on both sides, for a pan that finds its curve there; and once per state of
// the file the whole run coarsely, for a zoom out. Memory: at most four buckets per pixel column
// and curve.
#pragma once

#include <QObject>
#include <map>
#include <vector>

#include "gui/timeline/curve.hpp"
#include "gui/traces/trace_set.hpp"

namespace elblab::gui {

class CurveLoader : public QObject {
  Q_OBJECT

 public:
  explicit CurveLoader(TraceSet& traces, QObject* parent = nullptr);

  // What to have at hand; whatever is not named is forgotten.
  void want(const std::vector<CurveKey>& curves, TimeRange visible, int columns);
  // The finest there is that covers `visible`, else the whole run, else what there is; nullptr:
  // nothing yet. Valid until the next want() or loaded().
  const CurveData* find(const CurveKey& key, TimeRange visible) const;

 Q_SIGNALS:
  void loaded();

 private:
  struct Loaded {
    CurveData detail;
    CurveData whole;
  };
  struct Wish {
    std::vector<CurveKey> curves;
    TimeRange visible;
    int columns = 0;
    std::uint64_t generation = 0;
    bool operator==(const Wish&) const = default;
  };
  // Of one trace.
  struct Source {
    Wish wanted;
    Wish asked;
    bool under_way = false;
  };
  struct Answer;

  void ask(OpenTrace& trace, Source& source);
  void take(int trace, Answer answer);

  TraceSet& traces_;
  std::map<int, Source> sources_;
  std::map<CurveKey, Loaded> loaded_;
};

}  // namespace elblab::gui
