// Fetches the buckets of curves from the traces' worker threads, for the stretch of time on show.
//
// Each trace is asked one thing at a time: while an answer is under way only the newest wish is
// remembered, so a fast hand on the wheel leaves no queue behind and still sees every answer. Asked
// is half a screen more on both sides, for a pan that finds its curve there; and once per state of
// the file the whole run coarsely, for a zoom out. Memory: at most four buckets per pixel column
// and curve.
//
// What is missing is told from what is there, curve by curve: a curve that was dropped is read anew
// when it is wanted again.
#pragma once

#include <QObject>
#include <cstdint>
#include <map>
#include <optional>
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
  // For which picture of which state of the file a curve is read.
  struct Picture {
    TimeRange visible;
    int columns = 0;
    std::uint64_t generation = 0;  // OpenTrace::generation()
    bool operator==(const Picture&) const = default;
  };
  struct Loaded {
    CurveData detail;
    Picture detail_for;
    CurveData whole;
    std::uint64_t whole_of = 0;  // generation; 0: not read
  };
  // Of one trace.
  struct Source {
    std::vector<CurveKey> wanted;
    Picture picture;
    std::optional<std::uint64_t> under_way;  // the generation of the question
  };
  struct Missing;
  struct Answer;

  std::vector<Missing> missing_of(const OpenTrace& trace, const Source& source) const;
  void ask(OpenTrace& trace, Source& source);
  void take(int trace, Answer answer);

  TraceSet& traces_;
  std::map<int, Source> sources_;
  std::map<CurveKey, Loaded> loaded_;
};

}  // namespace elblab::gui
