// The workload applications of one host and the one lazy timer they share with it.
//
// At a deadline the host's stack goes first, then the applications in the order they were added. A
// packet costs what it moves: O(log applications) for each that it told something, whatever the
// number of the others.
#pragma once

#include <vector>

#include "models/workload/application.hpp"
#include "sim/lazy_timer.hpp"

namespace elblab::sim {

// What has deadlines below the applications: a host model, or nothing for ns-3's stack.
class Deadlines {
 public:
  virtual ~Deadlines() = default;
  virtual Instant next_deadline() const = 0;
  virtual void advance(Instant now) = 0;
};

class ApplicationSet {
 public:
  // stack must outlive the set.
  explicit ApplicationSet(Deadlines& stack);

  void add(workload::Application& application);
  void start();
  // After anything that may have moved a deadline.
  void rearm();

 private:
  void advance_due();

  Deadlines& stack_;
  std::vector<workload::Application*> applications_;
  DeadlineBook deadlines_;  // of the applications, by index
  LazyTimer timer_;
};

}  // namespace elblab::sim
