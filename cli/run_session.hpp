// Executes a plan and judges it: progress on stderr while runs go on, each scenario's verdict on
// stdout as soon as its last run has ended, the total at the end.
#pragma once

#include <string>

#include "cli/exit_code.hpp"
#include "cli/runs/run_plan.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

struct SessionOptions {
  Parallel parallel;
  std::string junit;  // also written there; empty: nowhere
  bool quiet = false;
  bool diagnose = true;  // each run whose trace shows a cause says so
};

ExitCode execute(const RunPlan& plan, const SessionOptions& options, Terminal& out, Terminal& err);

}  // namespace elblab::cli
