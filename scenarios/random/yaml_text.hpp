// A draft as the text of a scenario file.
#pragma once

#include <string>
#include <vector>

#include "scenarios/random/random_scenario.hpp"

namespace elblab::random_scenarios {

// `how`: one comment line each, what is hidden and by which figures.
std::string yaml_text(const RandomScenario& scenario, const std::vector<std::string>& how);

}  // namespace elblab::random_scenarios
