// Model time: nanoseconds since the start of a run, handed in by the world that runs a model.
//
// Models never read a clock. Simulation passes virtual time, replay the capture's time, the live
// world the monotonic clock. `Instant` and `Duration` are distinct types, so that a point in time
// cannot be passed where a length of time is meant.
#pragma once

#include <chrono>
#include <cstdint>

namespace elblab {

using Duration = std::chrono::nanoseconds;

// A clock without now(): only a world knows what time it is.
struct ModelClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ModelClock>;
  static constexpr bool is_steady = true;
};

using Instant = ModelClock::time_point;

// The start of a run.
inline constexpr Instant kStart{};
// "No deadline": later than every instant a run can reach.
inline constexpr Instant kNever = Instant::max();

constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) * 1e-9; }
constexpr double to_seconds(Instant t) { return to_seconds(t.time_since_epoch()); }
constexpr Duration from_seconds(double s) {
  return Duration{static_cast<std::int64_t>(s * 1e9 + (s < 0 ? -0.5 : 0.5))};
}

}  // namespace elblab
