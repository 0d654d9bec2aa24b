// What a scenario may ask of the simulated world beyond what its language checks.
#pragma once

#include <optional>
#include <string>

#include "scenarios/language/scenario.hpp"

namespace elblab::sim {

// The first thing this world does not have, in words that name it; nullopt if it has everything.
std::optional<std::string> unsupported(const language::Scenario& scenario);

}  // namespace elblab::sim
