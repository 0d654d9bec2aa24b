// Which algorithm each group of servers had, and from when on: what its operator configured, and
// changed while it ran.
//
// A group's row in `objects` has the algorithm it began with, the audit trace (`operations`) what
// became of it; both are the operator's own doing, no laboratory's secret. Read once; O(groups +
// changes).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

struct AlgorithmSpan {
  Instant from;
  std::string algorithm;  // as in a scenario file: "source_ip_hash"
};

class GroupAlgorithms {
 public:
  explicit GroupAlgorithms(const trace::Reader& trace);

  // In the order of time, the first from the beginning on; empty: not recorded. group: "app", with
  // several balancers "lb1/app".
  const std::vector<AlgorithmSpan>& of(const std::string& group) const;

 private:
  std::map<std::string, std::vector<AlgorithmSpan>> spans_;
  std::vector<AlgorithmSpan> none_;
};

}  // namespace elblab::diagnosis
