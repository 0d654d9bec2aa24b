// By what a group's new connections were given to servers, column by column: by weights, or by the
// address they came from.
//
// The algorithm is what its operator made it (group_algorithms.hpp); stickiness is seen by its
// counters, which move only while it is on. Under the source hash weights count nothing (SCH-07),
// but that 0 takes a server out. O(columns).
#pragma once

#include <string>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

struct GroupRules {
  bool known = false;  // the algorithm is recorded; else both below are all 0, which says nothing
  Curve hashed;        // 1: the source hash decided, 0: weights did
  Curve sticky;        // 1: sticky sessions were on
  Curve decided;       // connections whose server their address decided

  bool by_address(std::size_t column) const { return hashed[column] + sticky[column] > 0; }
  // Within the column, or next to it, another rule came into force.
  bool changes(std::size_t column) const;
};

// arrivals: the group's new connections.
GroupRules rules_of(const Observations& seen, const std::string& group, const Curve& arrivals);

}  // namespace elblab::diagnosis
