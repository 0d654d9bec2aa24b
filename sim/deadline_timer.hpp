// Drives anything with next_deadline() and advance(now) by ns-3's events.
#pragma once

#include "sim/clock.hpp"
#include "sim/lazy_timer.hpp"

namespace elblab::sim {

template <typename T>
class DeadlineTimer {
 public:
  // `driven` must outlive the timer.
  explicit DeadlineTimer(T& driven)
      : driven_(driven), timer_(this, &LazyTimer::call<&DeadlineTimer::fire>) {}

  // After what is driven was started, or its deadline moved.
  void arm() { timer_.arm(driven_.next_deadline()); }

 private:
  void fire() {
    driven_.advance(now());
    arm();
  }

  T& driven_;
  LazyTimer timer_;
};

}  // namespace elblab::sim
