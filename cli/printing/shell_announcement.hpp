// What a person in the shell of `elblab live --shell` is told: what is where, and what to try.
#pragma once

#include <string>

#include "live/topology.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

// served: HTTP is served by a program of the user's; otherwise by the scenario's responders or, if
// `responders` is false, by nobody.
struct ShellServers {
  bool served = false;
  bool responders = true;
};

std::string shell_announcement(const language::Scenario& scenario, const live::Topology& topology,
                               const ShellServers& servers);

}  // namespace elblab::cli
