// Scenario files held against the laws of a swarm: those that it once made smaller and that are
// kept, or a user's own.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/swarm/swarm_session.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// Files, or folders whose *.elb.yaml are meant; the first run of each, three times. A file that the
// language or the simulation refuses is told and breaks no law. 0: nothing was found.
ExitCode try_files(const std::vector<std::string>& files, const SwarmOptions& options,
                   Terminal& out, Terminal& err);

}  // namespace elblab::cli
