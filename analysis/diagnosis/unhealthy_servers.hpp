// Why a server is found unhealthy (DIAG-04, DIAG-05): from how its probes ended, and from what its
// host, rules and the settings of the check show beside it.
//
// A probe that was answered tells its cause itself: refused, a wrong code. One that met silence
// does not; then what is counted elsewhere decides, in this order: packets of probes that rules
// dropped, echo requests that the host ignores, answers that came too late, a host that is too
// busy, a host that sends nothing. What is left after that stays untold.
#pragma once

#include <map>
#include <vector>

#include "analysis/diagnosis/checked_servers.hpp"
#include "analysis/diagnosis/health_verdict.hpp"

namespace elblab::diagnosis {

// busy: by host, 1 where its CPUs were fully busy (whereabouts.hpp). One verdict per cause; none
// for a server that is not unhealthy, or where nothing tells. O(columns).
std::vector<HealthVerdict> judge_unhealthy(const Observations& seen, const CheckedServer& server,
                                           const std::map<std::string, Curve>& busy);

}  // namespace elblab::diagnosis
