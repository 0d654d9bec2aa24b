// Weighted round robin (SCH-03, SCH-04, SCH-18): turns among all usable servers, spread out as
// smooth_turns.hpp says. O(servers), allocates nothing.
#pragma once

#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/smooth_turns.hpp"

namespace elblab::scheduling {

class SmoothWeightedRoundRobin final : public Scheduler {
 public:
  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override { turns_.reset(servers); }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  SmoothTurns turns_;
};

}  // namespace elblab::scheduling
