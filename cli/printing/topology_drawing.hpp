// The network of a scenario as a tree of text: places, what is in each, and the links between them.
//
//   core
//   ├─ c[1..2]  internet    203.0.113.1 … 203.0.113.2   1Gbps 5ms
//   └─ lb1      balancer    198.51.100.10               web tcp 80 → app: b1:90, b2:90
//   az1 ── az2  10Gbps 1ms
#pragma once

#include <string>

#include "cli/text/terminal.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

// Indented by two, a line feed at the end of each line.
std::string topology_drawing(const language::Scenario& scenario, const Terminal& out);

}  // namespace elblab::cli
