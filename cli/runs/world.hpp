// Where a job runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "scenarios/language/scenario.hpp"
#include "worlds/run.hpp"

namespace elblab::cli {

enum class World : std::uint8_t { simulation, live };
// As in the column `world` of a trace.
std::string_view to_string(World world);

// Runs one scenario to its end; what every world's run() has in common.
using Runner =
    std::function<worlds::RunOutcome(const language::Scenario&, const worlds::RunOptions&)>;

}  // namespace elblab::cli
