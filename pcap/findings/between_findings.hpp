// What happened between the places of two captures: what was lost, held up, reset or rewritten
// there, and what the servers' side did itself.
#pragma once

#include "analysis/diagnosis/diagnosis.hpp"
#include "pcap/findings/endpoint_names.hpp"
#include "pcap/findings/two_sides.hpp"

namespace elblab::findings {

diagnosis::Diagnosis diagnose_between(const TwoSides& sides, const EndpointNames& names);

// How many connections were matched, and by what; how the clocks stand.
std::vector<std::string> describe_sides(const TwoSides& sides);

}  // namespace elblab::findings
