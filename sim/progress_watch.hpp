// Looks at the wall clock every tenth of a simulated second and reports progress when it is time.
// Reads models, changes none: a run is the same with and without it.
#pragma once

#include <chrono>

#include "sim/lazy_timer.hpp"
#include "sim/simulation.hpp"
#include "sim/world.hpp"
#include "worlds/recording.hpp"

namespace elblab::sim {

class ProgressWatch {
 public:
  // All must outlive the watch.
  ProgressWatch(const RunOptions& options, const World& world, const worlds::Recording& recording,
                Duration duration);

  void start() { look(); }
  Progress progress() const;
  // on_progress asked to stop.
  bool stopped() const { return stopped_; }

 private:
  using WallClock = std::chrono::steady_clock;
  static constexpr Duration kLookEvery = std::chrono::milliseconds(100);

  void look();

  const RunOptions& options_;
  const World& world_;
  const worlds::Recording& recording_;
  Duration duration_;
  LazyTimer timer_;
  WallClock::time_point begun_ = WallClock::now();
  WallClock::time_point reported_ = begun_;
  bool stopped_ = false;
};

}  // namespace elblab::sim
