// What health checks found of the servers of a run: spans of verdicts, as displayed and of each
// node, availability, transitions, and why probes failed. Empty of a trace without health checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::metrics {

struct VerdictSpan {
  double from_s = 0;
  double to_s = 0;
  std::string verdict;  // "healthy", "unhealthy", "unknown"
};

struct NodeVerdicts {
  std::string node;  // "lvs1"; "displayed"
  std::vector<VerdictSpan> spans;
  double availability = 0;          // share of the time in which it was healthy
  std::uint64_t transitions = 0;    // but the first verdict
  double transitions_per_hour = 0;  // FLAP
};

struct ServerHealth {
  std::string server;  // "app/b1"
  NodeVerdicts displayed;
  std::vector<NodeVerdicts> nodes;
  std::uint64_t probes = 0;
  std::uint64_t failed = 0;
  // Most of them first: "echo_lost".
  std::vector<std::pair<std::string, std::uint64_t>> failures;
};

// In the order in which servers were registered. O(verdict changes + classes of events).
std::vector<ServerHealth> server_health(const trace::Reader& trace);

}  // namespace elblab::metrics
