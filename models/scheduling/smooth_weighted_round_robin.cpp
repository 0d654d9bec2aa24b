#include "models/scheduling/smooth_weighted_round_robin.hpp"

#include <algorithm>

namespace elblab::scheduling {

void SmoothWeightedRoundRobin::reset(std::size_t servers) { credit_.assign(servers, 0); }

std::optional<std::size_t> SmoothWeightedRoundRobin::pick(std::span<const Candidate> candidates,
                                                          const net::IpAddress&) {
  const std::size_t servers = std::min(candidates.size(), credit_.size());
  std::optional<std::size_t> best;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < servers; ++i) {
    const Candidate& candidate = candidates[i];
    if (!candidate.eligible() || candidate.weight == 0) continue;
    credit_[i] += candidate.weight;
    total += candidate.weight;
    if (!best || credit_[i] > credit_[*best]) best = i;
  }
  if (best) credit_[*best] -= total;
  return best;
}

}  // namespace elblab::scheduling
