#include "sim/progress_watch.hpp"

#include "sim/clock.hpp"

namespace elblab::sim {

ProgressWatch::ProgressWatch(const RunOptions& options, const World& world,
                             const worlds::Recording& recording, Duration duration)
    : options_(options),
      world_(world),
      recording_(recording),
      duration_(duration),
      timer_(this, &LazyTimer::call<&ProgressWatch::look>) {}

Progress ProgressWatch::progress() const {
  Progress progress;
  progress.simulated = now();
  progress.duration = duration_;
  progress.wall_seconds = std::chrono::duration<double>(WallClock::now() - begun_).count();
  progress.connections = world_.connections_established();
  progress.refused = world_.connections_refused();
  return progress;
}

void ProgressWatch::look() {
  if (recording_.failed()) return ns3::Simulator::Stop();
  const auto present = WallClock::now();
  if (options_.on_progress && present - reported_ >= options_.progress_interval) {
    reported_ = present;
    if (!options_.on_progress(progress())) {
      stopped_ = true;
      return ns3::Simulator::Stop();
    }
  }
  timer_.arm(now() + kLookEvery);
}

}  // namespace elblab::sim
