// Five-tuple conflicts of a run, as far as they did harm (FTC-01).
//
// Two connections reach a server with one 5-tuple; the trace tells of each pair (table
// `conflicts`). One that ended well, late or not, had no harm of it. Harm goes on from the moment
// at which the later connection begins to the end of what it broke; datagrams have no end to judge
// by: what counts for them is which answers several nodes claimed.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

struct Conflicts {
  std::vector<trace::ConflictRow> all;      // by time
  std::vector<trace::ConflictRow> harmful;  // of these, those that broke, refused or delayed one
  Curve broken;    // connections that one broke or refused, per column in which it does so or ends
  Curve disputed;  // packets that several nodes claimed
  Curve pressure;  // how many stand in the way of packets, and the packets disputed
};

// O(conflicts × log connections + columns).
Conflicts find_conflicts(const Observations& seen);

}  // namespace elblab::diagnosis
