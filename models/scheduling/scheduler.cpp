#include "models/scheduling/scheduler.hpp"

#include "models/contract/require.hpp"
#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "models/scheduling/source_ip_hash.hpp"
#include "models/scheduling/weighted_least_connections.hpp"

namespace elblab::scheduling {

std::optional<std::size_t> Scheduler::choose_observed(const Candidates& candidates,
                                                      const Arrival& arrival) {
  if (!observer_->wants_next(candidates.size())) return choose(candidates, arrival);
  const Decision decision = explain(candidates, arrival);
  const std::optional<std::size_t> chosen = choose(candidates, arrival);
  ELBLAB_REQUIRE(chosen == decision.chosen, "a decision is explained as it is made");
  observer_->decided(decision);
  return chosen;
}

std::unique_ptr<Scheduler> make_scheduler(const config::BackendGroup& group) {
  switch (group.algorithm) {
    case config::Algorithm::weighted_round_robin:
      return std::make_unique<SmoothWeightedRoundRobin>();
    case config::Algorithm::weighted_least_connections:
      return std::make_unique<WeightedLeastConnections>();
    case config::Algorithm::source_ip_hash:
    case config::Algorithm::connection_id:
      break;
  }
  return std::make_unique<SourceIpHash>(group.source_hash.value_or(config::SourceHash{}));
}

}  // namespace elblab::scheduling
