// Samples series at a steady interval: every measure of every object
// (models/telemetry/measures.hpp).
//
// A counter's sample at time t is its increment over (previous sample, t]; a gauge's is its level
// at t. Series are sampled in the order they were added. The last sample covers whatever is left of
// the interval when the run ends. The world calls advance() at next_deadline(); a world whose clock
// is late samples at the time it has, and keeps to the grid of intervals from the start.
#pragma once

#include <functional>
#include <vector>

#include "models/telemetry/measures.hpp"
#include "worlds/recording.hpp"

namespace elblab::worlds {

class SeriesSampler {
 public:
  // Reads a total (counter) or a level (gauge) as of now.
  using Probe = std::function<double(Instant now)>;

  SeriesSampler(Recording& recording, Duration interval)
      : recording_(recording), interval_(interval) {}

  void add(const telemetry::MeasureInfo& measure, telemetry::ObjectId object, Probe probe);
  // First sample one interval from now.
  void start(Instant now);
  Instant next_deadline() const { return next_; }
  void advance(Instant now);
  // Takes the last sample, unless one was just taken.
  void finish(Instant now);

 private:
  struct Series {
    telemetry::SeriesId id = 0;
    telemetry::MeasureKind kind{};
    Probe probe;
    double last_total = 0;
  };

  void sample(Instant at);

  Recording& recording_;
  Duration interval_;
  std::vector<Series> series_;
  Instant last_sample_ = kStart;
  Instant next_ = kNever;
};

}  // namespace elblab::worlds
