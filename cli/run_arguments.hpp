// The options that every command has which executes and judges scenarios, and what it does then.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/runs/run_plan.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

struct RunArguments {
  PlanOptions plan;
  std::vector<std::string> settings;  // path=value
  unsigned jobs = 0;                  // 0: one per core
  std::string junit;
  bool quiet = false;
  bool diagnose = true;
};

// Registers what to run, --run, --seed, --seeds, --jobs, --out, --set, --junit, --pcap and --quiet.
// arguments must outlive parsing.
void add_run_options(CLI::App& command, RunArguments& arguments);

// Of --set, "workload.burst.short_connections=376/s" each, behind what `overrides` holds. What is
// wrong with them.
std::vector<std::string> read_settings(const std::vector<std::string>& settings,
                                       std::vector<language::Override>& overrides);

// Settings into overrides, then the plan; what is wrong is said on `err`. False: something is.
bool plan_runs(RunArguments& arguments, RunPlan& plan, Terminal& err);
// Plans, executes, judges.
ExitCode run_and_judge(RunArguments arguments);

}  // namespace elblab::cli
