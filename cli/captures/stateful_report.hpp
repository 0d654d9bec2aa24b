// What a stateful replay found, did and met, in words.
#pragma once

#include <filesystem>
#include <string>

#include "cli/captures/replay_stateful.hpp"
#include "cli/captures/stateful_scenario.hpp"
#include "worlds/run.hpp"

namespace elblab::cli {

// What is in the capture, and what of it is no conversation.
std::string capture_report(const std::string& name, const pcap::Conversations& found);
// Which captured server is played against which listener, and what was adapted.
std::string mapping_report(const StatefulScenario& built);
// What became of the conversations; shares of servers and peaks come from the trace.
std::string outcome_report(const StatefulScenario& built, const StatefulReplay& replay,
                           const worlds::RunResult& result, const std::filesystem::path& trace);

}  // namespace elblab::cli
