// A fitted capture as a scenario file, and the fit as a table for people.
#pragma once

#include <string>

#include "pcap/conversations/fit.hpp"

namespace elblab::cli {

// How the fit compares with the capture: a line per figure, and what the language cannot express.
// Each line begins with `prefix`.
std::string fit_table(const pcap::TrafficFit& fit, const std::string& prefix);

// A whole scenario file that reads and runs: hosts, balancer, workloads and expectations, with the
// table as comments. `capture`: its file name. Precondition: at least one workload.
std::string imported_scenario(const pcap::TrafficFit& fit, const std::string& capture);

}  // namespace elblab::cli
