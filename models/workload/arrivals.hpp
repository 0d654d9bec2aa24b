// When the requests of an open-loop workload are wanted: evenly spaced, or a Poisson process; all
// the time, or in bursts with pauses between them.
#pragma once

#include <cstdint>

#include "models/random/stream.hpp"
#include "models/time/instant.hpp"
#include "models/workload/parameters.hpp"

namespace elblab::workload {

class ArrivalProcess {
 public:
  // A rate of 0 gives no arrivals. The random stream is used for Poisson arrivals only.
  // In bursts the rate is that while on, and the process stands still while off; it begins as far
  // into a burst as on_off.elapsed says.
  ArrivalProcess(Arrivals kind, double rate_per_second, random::Stream stream, OnOff on_off = {});

  // The first arrival is at `begin` (uniform) or after a random gap (Poisson); none at or after
  // `end`.
  void start(Instant begin, Instant end);
  // kNever: none any more.
  Instant next() const { return next_; }
  void take();

 private:
  void settle(double seconds_on);

  Arrivals kind_;
  double rate_per_second_;
  random::Stream stream_;
  OnOff on_off_;
  Instant begin_;
  Instant end_;
  Instant next_ = kNever;
  std::uint64_t count_ = 0;
  double elapsed_ = 0;  // s on, Poisson
};

}  // namespace elblab::workload
