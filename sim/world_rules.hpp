// What a scenario may ask of the simulated world beyond what its language checks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"

namespace elblab::sim {

// The first thing this world does not have, in words that name it; nullopt if it has everything.
std::optional<std::string> unsupported(const language::Scenario& scenario);

// The addresses of a host that can reach the destination: those of its family.
std::vector<net::IpAddress> sources_for(const language::HostSpec& host,
                                        const net::IpAddress& destination);

}  // namespace elblab::sim
