// Turns among servers, spread out in proportion to their weights: the smooth weighted round robin
// of nginx's upstream module.
//
// Every server carries a credit. At each turn it grows by the weight of those who take part, the
// largest credit wins (the first of equals) and pays the sum of their weights. From a fresh start
// any window of sum(weights) turns of the same servers takes each exactly its weight, spread out:
// weights 5, 1, 1 give a a b a c a a. One that takes no part neither gains nor pays, and comes back
// with the credit it left with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/scheduling/decision.hpp"

namespace elblab::scheduling {

class SmoothTurns {
 public:
  void reset(std::size_t servers) { credit_.assign(servers, 0); }

  // takes_part(candidate): of usable ones only. nullopt when none does. O(servers).
  template <typename TakesPart>
  std::optional<std::size_t> take(std::span<const Candidate> candidates, TakesPart&& takes_part) {
    std::optional<std::size_t> best;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < candidates.size() && i < credit_.size(); ++i) {
      const Candidate& candidate = candidates[i];
      if (!takes_part(candidate)) continue;
      credit_[i] += candidate.weight;
      total += candidate.weight;
      if (!best || credit_[i] > credit_[*best]) best = i;
    }
    if (best) credit_[*best] -= total;
    return best;
  }

  // Whom take() would choose, and with what credits; written into those who take part.
  template <typename TakesPart>
  std::optional<std::size_t> foresee(std::vector<Weighed>& candidates,
                                     TakesPart&& takes_part) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size() && i < credit_.size(); ++i) {
      if (!takes_part(candidates[i].state)) continue;
      candidates[i].credit = credit_[i] + candidates[i].state.weight;
      if (!best || candidates[i].credit > candidates[*best].credit) best = i;
    }
    return best;
  }

 private:
  std::vector<std::int64_t> credit_;
};

}  // namespace elblab::scheduling
