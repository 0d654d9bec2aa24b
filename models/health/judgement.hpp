// What a node thinks of a server, from the results of its probes: the state machine between probes
// and scheduling (HC-10, OPEN-04).
//
// Of a server that is new to the node the first success decides (HC-10). Later it takes `retries`
// results in a row, each way: failures until it is unhealthy, successes until it is healthy again.
// A server of which nothing is known yet gets no traffic (HC-11).
//
// Pure: results in, verdicts out. O(1).
#pragma once

#include "models/telemetry/health.hpp"

namespace elblab::health {

using telemetry::Verdict;

class Judgement {
 public:
  // retries >= 1 (HC-06).
  explicit Judgement(unsigned retries, Verdict initial = Verdict::unknown);

  // The result of a probe. True: the verdict changed with it.
  bool note(bool passed);
  Verdict verdict() const { return verdict_; }
  // Results in a row that speak against the verdict.
  unsigned against() const { return against_; }
  // Counts from now on; results so far stay counted.
  void set_retries(unsigned retries);

 private:
  unsigned needed(bool passed) const;

  unsigned retries_;
  Verdict verdict_;
  unsigned against_ = 0;
};

}  // namespace elblab::health
