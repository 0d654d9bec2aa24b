// Servers that are found healthy and do not serve, and why the check does not see it (DIAG-05,
// HC-42, HC-44, HC-49, HC-51, HC-S24): what requests met is told beside what probes met.
//
// A server that has just died is not falsely healthy: a check takes
// CheckSettings::longest_detection to find it. Only what lasts longer counts.
#pragma once

#include <vector>

#include "analysis/diagnosis/checked_servers.hpp"
#include "analysis/diagnosis/dead_servers.hpp"
#include "analysis/diagnosis/health_verdict.hpp"

namespace elblab::diagnosis {

// sessions: of this server; nullptr: it had none. dead: of all servers (dead_servers.hpp). busy: 1
// where the CPUs of its host were fully busy; nullptr: not known. At most one verdict. O(columns).
std::vector<HealthVerdict> judge_healthy(const Observations& seen, const CheckedServer& server,
                                         const ServerSigns* sessions,
                                         const std::vector<DeadServer>& dead, const Curve* busy);

}  // namespace elblab::diagnosis
