// The coarser copies of a series: each level sums up kLevelFactor buckets of the level below.
//
// Level 0 is the samples themselves (not kept here). Bucket b of level L is the samples
// b·4^L … (b+1)·4^L − 1 of the series, in the order of recording: buckets count samples, not time,
// so that a level is a quarter of the one below whatever the cadence. O(1) amortised per sample,
// O(log n) memory per series, nothing depends on the wall clock.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/telemetry/ids.hpp"
#include "models/time/instant.hpp"

namespace elblab::trace {

// What a stretch of samples comes to. n == 0: none.
struct Summary {
  Instant first_at;
  Instant last_at;
  std::uint64_t n = 0;
  double min = 0;
  double max = 0;
  double sum = 0;
  double first = 0;
  double last = 0;

  static Summary of(Instant at, double value) {
    return {at, at, 1, value, value, value, value, value};
  }
  // Appends what comes after.
  void append(const Summary& later);
};

struct LevelBucket {
  telemetry::SeriesId series = 0;
  std::uint32_t level = 0;  // 1 and up
  std::uint64_t bucket = 0;
  Summary summary;
};

class SeriesLevels {
 public:
  // Called for every finished bucket.
  using Emit = std::function<void(const LevelBucket&)>;

  explicit SeriesLevels(telemetry::SeriesId series) : series_(series) {}

  void add(Instant at, double value, const Emit& emit);
  // Emits the buckets begun. No samples may follow.
  void finish(const Emit& emit);

 private:
  struct Level {
    Summary open;
    unsigned parts = 0;  // buckets of the level below in `open`
    std::uint64_t next_bucket = 0;
  };
  // Adds to the level at `index`; a full bucket is emitted and goes on to the level above.
  void add_to(std::size_t index, const Summary& part, const Emit& emit);
  void emit_open(std::size_t index, const Emit& emit);

  telemetry::SeriesId series_;
  std::vector<Level> levels_;
};

}  // namespace elblab::trace
