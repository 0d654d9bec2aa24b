// One measure of one trace, ready to paint.
#pragma once

#include <QString>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "gui/selection/selection.hpp"

namespace elblab::gui {

struct CurveKey {
  int trace = 0;  // OpenTrace::id()
  std::string measure;
  auto operator<=>(const CurveKey&) const = default;  // NOLINT(*-use-nullptr)
};

// Buckets of a stretch of time, in time order, without empty ones.
struct CurveData {
  TimeRange range;  // asked for
  std::vector<trace::Bucket> buckets;
};

struct Curve {
  CurveKey key;
  bool compared = false;  // of the trace that is laid over
  bool limit = false;     // bounds another one: a line without a band
  std::size_t colour = 0;
  QString unit;                     // as shown: "connections/s"
  double scale = 1;                 // sample -> what is shown; a counter's increments become rates
  Duration sample_interval{};       // two samples farther apart are not joined
  const CurveData* data = nullptr;  // of the CurveLoader; nullptr: not there yet
};

// The mean of the bucket at that moment, or of the last one before it if the next is no farther
// than two sample intervals away; scaled. O(log buckets).
std::optional<double> value_at(const Curve& curve, Instant at);

// Smallest and largest value within a stretch; nullopt where there is none.
struct Extent {
  double low = 0;
  double high = 0;
};
std::optional<Extent> extent_of(const Curve& curve, TimeRange range);

}  // namespace elblab::gui
