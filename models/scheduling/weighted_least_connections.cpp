#include "models/scheduling/weighted_least_connections.hpp"

namespace elblab::scheduling {
namespace {

bool less_loaded(const Candidate& a, const Candidate& b) {
  return std::uint64_t{a.active_connections} * b.weight <
         std::uint64_t{b.active_connections} * a.weight;
}

struct LeastLoaded {
  std::optional<std::size_t> first;
  bool several = false;  // others are loaded exactly as much
};

LeastLoaded least_loaded(std::span<const Candidate> candidates) {
  LeastLoaded least;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!candidates[i].usable()) continue;
    if (!least.first || less_loaded(candidates[i], candidates[*least.first])) {
      least = {i, false};
    } else if (!less_loaded(candidates[*least.first], candidates[i])) {
      least.several = true;
    }
  }
  return least;
}

// Whether a candidate is loaded no more than the least loaded.
auto tied_with(const Candidate& least) {
  return [least](const Candidate& c) { return c.usable() && !less_loaded(least, c); };
}

}  // namespace

std::optional<std::size_t> WeightedLeastConnections::choose(const Candidates& candidates,
                                                            const Arrival&) {
  const LeastLoaded least = least_loaded(candidates.states());
  if (!least.several) return least.first;
  return turns_.take(candidates.states(), tied_with(candidates[*least.first]));
}

Decision WeightedLeastConnections::explain(const Candidates& candidates, const Arrival&) {
  Decision decision;
  decision.candidates = weighed(candidates);
  const LeastLoaded least = least_loaded(candidates.states());
  decision.chosen = least.first;
  if (least.several) {
    decision.ground = Ground::tied_turn;
    decision.chosen = turns_.foresee(decision.candidates, tied_with(candidates[*least.first]));
  } else if (least.first) {
    decision.ground = Ground::least_load;
  }
  return decision;
}

}  // namespace elblab::scheduling
