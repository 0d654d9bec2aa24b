// What a scenario may ask of the simulated world beyond what its language allows. One that comes
// from a file was held to the same rules there, with the line (scenarios/language/world_rules.hpp).
#pragma once

#include <optional>
#include <string>

#include "scenarios/language/scenario.hpp"

namespace elblab::sim {

// The first thing this world does not have, in words that name it; nullopt if it has everything.
std::optional<std::string> unsupported(const language::Scenario& scenario);

}  // namespace elblab::sim
