// A live run of a built world, from its start to its end: turns of the loop, samples, the timeline,
// progress.
#pragma once

#include "live/loop.hpp"
#include "live/world.hpp"
#include "worlds/run.hpp"

namespace elblab::live {

class RunCourse {
 public:
  // All must outlive the course.
  RunCourse(const language::Scenario& scenario, const worlds::RunOptions& options, World& world,
            worlds::Recording& recording);

  // Blocks for the scenario's duration, or until on_progress stops it. The recording of a run that
  // did not come to its planned end stays incomplete.
  worlds::RunOutcome run();

 private:
  // From the world's start to the end of the run.
  Expected<void> pass();
  void advance(Instant now);
  void sample(Instant now);
  worlds::Progress progress(Instant now) const;
  Duration longest_delay() const;
  // What makes the figures those of an overloaded machine.
  std::vector<std::string> warnings() const;
  worlds::RunResult result() const;

  const language::Scenario& scenario_;
  const worlds::RunOptions& options_;
  World& world_;
  worlds::Recording& recording_;
  RunClock clock_;
  worlds::Timeline timeline_;
  Loop loop_;
  Instant end_;
  Instant next_report_ = kStart;
  Instant ended_at_ = kStart;
  bool stopped_ = false;
};

}  // namespace elblab::live
