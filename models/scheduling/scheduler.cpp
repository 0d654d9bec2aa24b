#include "models/scheduling/scheduler.hpp"

#include "models/scheduling/smooth_weighted_round_robin.hpp"

namespace elblab::scheduling {

std::unique_ptr<Scheduler> make_scheduler(config::Algorithm algorithm) {
  if (algorithm == config::Algorithm::weighted_round_robin) {
    return std::make_unique<SmoothWeightedRoundRobin>();
  }
  return nullptr;
}

}  // namespace elblab::scheduling
