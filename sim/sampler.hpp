// Samples series at a steady interval: every measure of every object
// (models/telemetry/measures.hpp).
//
// A counter's sample at time t is its increment over (previous sample, t]; a gauge's is its level
// at t. Series are sampled in the order they were added. The last sample covers whatever is left of
// the interval when the run ends.
#pragma once

#include <functional>
#include <vector>

#include "models/telemetry/measures.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/recording.hpp"

namespace elblab::sim {

class Sampler {
 public:
  // Reads a total (counter) or a level (gauge).
  using Probe = std::function<double()>;

  Sampler(Recording& recording, Duration interval);

  void add(const telemetry::MeasureInfo& measure, telemetry::ObjectId object, Probe probe);
  // First sample one interval from now.
  void start();
  // Takes the last sample, unless one was just taken.
  void finish();

 private:
  struct Series {
    telemetry::SeriesId id = 0;
    telemetry::MeasureKind kind{};
    Probe probe;
    double last_total = 0;
  };

  void sample_due();
  void sample(Instant at);

  Recording& recording_;
  Duration interval_;
  LazyTimer timer_;
  std::vector<Series> series_;
  Instant last_sample_ = kStart;
};

}  // namespace elblab::sim
