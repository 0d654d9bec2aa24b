// Scenarios in which nothing is wrong, some of them close to it.
#pragma once

#include <string>

#include "scenarios/random/draft.hpp"
#include "scenarios/random/draw.hpp"

namespace elblab::random_scenarios {

// Fills the load of the draft's first lane; `how` says in words what it is. False: draw again.
bool draw_untroubled(Draft& draft, Draw& draw, std::string& how);

}  // namespace elblab::random_scenarios
