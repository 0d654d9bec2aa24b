// Runs one scenario in the ns-3 world and writes its trace.
//
// ns-3's simulator is a process-wide singleton: one run at a time per process; runs may follow each
// other. Everything random comes from the seed.
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/language/scenario.hpp"
#include "worlds/run.hpp"

namespace elblab::sim {

enum class EventScheduler : std::uint8_t { priority_queue, map };

using worlds::Progress;
using worlds::RunOutcome;
using worlds::RunResult;

struct RunOptions : worlds::RunOptions {
  EventScheduler scheduler = EventScheduler::priority_queue;
};

RunOutcome run(const language::Scenario& scenario, const RunOptions& options);

// "ns-3.37"
std::string world_version();

}  // namespace elblab::sim
