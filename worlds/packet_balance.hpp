// The packets of a run, counted on both sides of the balancer: what went in must have come out, or
// have been dropped for a reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/forwarding/forwarder.hpp"

namespace elblab::worlds {

// The first thing that does not add up. delivered: what the links gave the balancer; taken: what
// they took from it.
std::optional<std::string> imbalance_of(const forwarding::ForwarderCounters& balancer,
                                        std::uint64_t delivered, std::uint64_t taken);

}  // namespace elblab::worlds
