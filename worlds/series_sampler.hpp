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
#include "models/workload/latency_histogram.hpp"
#include "worlds/recording.hpp"

namespace elblab::worlds {

class SeriesSampler {
 public:
  // Reads a total (counter) or a level (gauge) as of now.
  using Probe = std::function<double(Instant now)>;

  SeriesSampler(Recording& recording, Duration interval)
      : recording_(recording), interval_(interval) {}

  // Reads all response times of a workload so far.
  using LatencyProbe = std::function<workload::LatencyHistogram()>;

  void add(const telemetry::MeasureInfo& measure, telemetry::ObjectId object, Probe probe);
  // With every sample, how many responses of the interval took how long.
  void add_latencies(telemetry::ObjectId workload, LatencyProbe probe);
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

  struct Latencies {
    telemetry::ObjectId workload = 0;
    LatencyProbe probe;
    workload::LatencyHistogram last_total;
  };

  void sample(Instant at);
  void sample_latencies(Latencies& latencies, Instant at);

  Recording& recording_;
  Duration interval_;
  std::vector<Series> series_;
  std::vector<Latencies> latencies_;
  Instant last_sample_ = kStart;
  Instant next_ = kNever;
};

}  // namespace elblab::worlds
