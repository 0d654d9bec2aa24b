// The load as a balancer alone sees it, for traces without workloads: captures that were replayed.
#pragma once

#include "analysis/diagnosis/load.hpp"

namespace elblab::diagnosis {

// Sessions in the place of requests, at the moments they were opened. A session without a completed
// handshake, and SYNs that found no source port, count as unanswered connects; one that the client
// or server reset before an answer as a broken request; one in which something was sent again as
// slow.
Load load_of_sessions(const Observations& seen, const SessionBook& sessions);

}  // namespace elblab::diagnosis
