// The verdict that a console shows of a server, from those of the nodes that probe it (OPEN-10):
// each node has its own, which its traffic follows, and the majority is shown. Where as many say
// one thing as the other, what was shown stays: nothing speaks for a change.
#pragma once

#include <span>

#include "models/health/judgement.hpp"

namespace elblab::health {

// shown: until now. Nodes that know nothing yet are not counted; of none at all, unknown.
Verdict displayed(std::span<const Verdict> of_nodes, Verdict shown);

}  // namespace elblab::health
