// What a scenario may ask of the simulation, and of live runs, beyond what its language allows.
#pragma once

#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"

namespace elblab::language {

// Something that a world does not have.
struct WorldProblem {
  std::vector<std::string> path;  // of the value in the tree of the scenario
  std::string message;            // names the world, and what to change
};

// Empty: the world has everything. Live: settings that the kernel of the machine does not have are
// told when the hosts are made. Kinds and segments of links need no check there: every link is a
// veth pair, shaped in user space.
std::vector<WorldProblem> problems_in_simulation(const Scenario& scenario);
std::vector<WorldProblem> problems_live(const Scenario& scenario);

}  // namespace elblab::language
