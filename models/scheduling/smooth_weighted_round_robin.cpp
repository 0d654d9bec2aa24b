#include "models/scheduling/smooth_weighted_round_robin.hpp"

namespace elblab::scheduling {

std::optional<std::size_t> SmoothWeightedRoundRobin::choose(const Candidates& candidates,
                                                            const Arrival&) {
  return turns_.take(candidates.states(), [](const Candidate& c) { return c.usable(); });
}

Decision SmoothWeightedRoundRobin::explain(const Candidates& candidates, const Arrival&) {
  Decision decision;
  decision.candidates = weighed(candidates);
  decision.chosen =
      turns_.foresee(decision.candidates, [](const Candidate& c) { return c.usable(); });
  if (decision.chosen) decision.ground = Ground::turn;
  return decision;
}

}  // namespace elblab::scheduling
