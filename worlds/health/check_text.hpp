// The health check of a group, and where its probes come from, as details of objects in a trace:
// what an operator set and so may be known to a diagnosis (analysis/diagnosis/check_settings.hpp).
//
//   group  "first=rules protocol=http interval_s=5 timeout_s=3 retries=3 nodes=4 codes=200,202"
//   and,
//          where they are set, port=, path=, host=; the timeout is the one that holds (HC-05);
//          first: what is looked at first, settings or rules (DIAG-04)
//   node   "100.125.0.2 32768-60999": address and ports of its probes (HC-20, ADR-04)
#pragma once

#include <string>

#include "models/config/probe_nodes.hpp"

namespace elblab::worlds {

// Precondition: the group has a health check.
std::string health_check_text(const config::LoadBalancer& balancer,
                              const config::BackendGroup& group);
std::string probe_source_text(const config::ProbeNode& node);

}  // namespace elblab::worlds
