// The way through DIAG-04 or, for what only UDP checks suffer from, DIAG-05, as far as the cause:
// what was seen at each step, and what to look at on the server where it ends (server-checks of the
// sources), with the server's own address and port.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/checked_servers.hpp"
#include "analysis/diagnosis/health_verdict.hpp"

namespace elblab::diagnosis {

// A line for each step, in the order of the server's profile. What a trace does not show is said.
std::vector<std::string> steps_to(const Observations& seen, const CheckedServer& server,
                                  const HealthVerdict& verdict);
// `text` with ADDRESS, PORT, PATH and PROTOCOL as this server is probed.
std::string filled_in(std::string text, const CheckedServer& server);

}  // namespace elblab::diagnosis
