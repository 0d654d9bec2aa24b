// What a swarm found, for people, for programs and for CI servers.
#pragma once

#include <string>
#include <vector>

#include "cli/swarm/swarm_session.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// A swarm, all sessions of it together.
struct SwarmTotals {
  std::uint64_t worlds = 0;
  std::uint64_t repeated = 0;
  std::uint64_t live = 0;
  std::uint64_t unsupported = 0;
  std::uint64_t connections = 0;
  std::uint64_t packets = 0;
  std::uint64_t findings = 0;
};
SwarmTotals totals_of(const SwarmLog& log);

std::string swarm_text(const SwarmTotals& totals, const SwarmSession& session,
                       const Terminal& terminal);
std::string swarm_json(const SwarmTotals& totals, const std::vector<KeptFinding>& kept);
// A test case for each world with a finding, and one for all the others.
std::string swarm_junit(const SwarmTotals& totals, const std::vector<KeptFinding>& kept);

}  // namespace elblab::cli
