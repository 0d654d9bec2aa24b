// What operators change at running balancers: the items `set` and `remove` of a timeline, and the
// verbs that are short for one.
//
// Each is applied to the tree of the balancers as the operations before it left it, in the order in
// which they take effect, and decoded and validated like the file. Messages stand at the item: a
// path that leads nowhere, a value that is refused, one that cannot change at run time, one that
// changes nothing. The limits below bound the work, whatever a file says.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/resolver.hpp"

namespace elblab::language {

inline constexpr std::size_t kMostOperations = 500;  // items of a run, per balancer they are about
inline constexpr std::size_t kMostOperationPaths = 5'000;  // of a run, b[1..4] counted as four
// Operations times the values that their balancers consist of.
inline constexpr std::size_t kMostOperationWork = 500'000;

// One path of an item, and what is to stand there.
struct OperationRequest {
  std::size_t item = 0;  // in the document
  std::string path;      // of one balancer, without brackets
  Place path_place;
  Node value;            // null: it goes away
  bool at_once = false;  // one of the verbs: without propagation delay, connections are kept
  TimelineEntry entry;   // of such a verb
};

// A resolved entry and the item that it is of.
struct TimelineStep {
  TimelineEntry entry;
  std::size_t item = 0;
};

// The paths of an item's set or remove; errors about those that are of no balancer.
std::vector<OperationRequest> operation_requests(Resolution& r, std::size_t item);

// Applies all requests, gives their entries, one for each value that changes, and brings the
// scenario in line: servers that come later join their groups as no members, hosts serve their
// ports.
std::vector<TimelineStep> resolve_operations(Resolution& r, std::vector<OperationRequest> requests);

}  // namespace elblab::language
