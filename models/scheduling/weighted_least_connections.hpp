// Weighted least connections (SCH-05): the server with the fewest connections for its weight.
//
// Loads are fractions, connections / weight, compared by cross-multiplication: exact, and far from
// overflow (2^32 connections × weight 255). A connection counts from its first packet until its
// binding ends, as this node sees it: each node of a balancer counts its own (GEN-04). Servers with
// equal loads take turns as smooth_turns.hpp says, so that neither the first of the list nor the
// one with the lowest weight gets what is over.
//
// While connections only begin, no server is ahead of another by more than its last connection:
// (connections - 1) / weight is at most the load of every other (IMB-09). A server that comes back
// with none takes every new connection until it is level. O(servers), allocates nothing.
#pragma once

#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/smooth_turns.hpp"

namespace elblab::scheduling {

class WeightedLeastConnections final : public Scheduler {
 public:
  Decision explain(const Candidates& candidates, const Arrival& arrival) override;
  void reset(std::size_t servers) override { turns_.reset(servers); }

 protected:
  std::optional<std::size_t> choose(const Candidates& candidates, const Arrival& arrival) override;

 private:
  SmoothTurns turns_;
};

}  // namespace elblab::scheduling
