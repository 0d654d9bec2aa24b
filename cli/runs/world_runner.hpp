// The run() of the world that a job names, with what is particular to that world filled in.
#pragma once

#include "cli/runs/run_plan.hpp"

namespace elblab::cli {

Runner runner_of(const Job& job);

}  // namespace elblab::cli
