// The time of a live run: the monotonic clock, counted from the run's start.
#pragma once

#include <time.h>

#include "models/time/instant.hpp"

namespace elblab::live {

class RunClock {
 public:
  // kStart is now.
  void start() { started_ = monotonic(); }
  Instant now() const { return kStart + (monotonic() - started_); }

 private:
  static Duration monotonic() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
  }

  Duration started_ = monotonic();
};

}  // namespace elblab::live
