// The packets of a run, counted at every place they pass: what went in must have come out, or have
// been dropped for a reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/network/fabric.hpp"

namespace elblab::worlds {

// The first thing that does not add up. delivered: what links gave the fabric; taken: what they
// took from it.
std::optional<std::string> imbalance_of(const network::FabricCounters& fabric,
                                        std::uint64_t delivered, std::uint64_t taken);
// The same of a node by its own books.
std::optional<std::string> imbalance_of(const std::string& name, const network::NodeCounts& node);

}  // namespace elblab::worlds
