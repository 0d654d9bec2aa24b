// Smooth weighted round robin (SCH-03, SCH-04, SCH-18): the algorithm of nginx's upstream module.
//
// Every candidate carries a credit. At each pick it grows by the candidate's weight, the largest
// credit wins (the first of equals) and pays the sum of all weights. From a fresh start any window
// of sum(weights) picks takes each candidate exactly its weight, spread out: weights 5, 1, 1 give
// a a b a c a a. A candidate that is not eligible neither gains nor pays, and comes back with the
// credit it left with.
#pragma once

#include <vector>

#include "models/scheduling/scheduler.hpp"

namespace elblab::scheduling {

class SmoothWeightedRoundRobin final : public Scheduler {
 public:
  std::optional<std::size_t> pick(std::span<const Candidate> candidates,
                                  const net::IpAddress& client) override;
  void reset(std::size_t servers) override;

 private:
  std::vector<std::int64_t> credit_;
};

}  // namespace elblab::scheduling
