// elblab run: execute scenarios and judge them.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/run_arguments.hpp"

namespace elblab::cli {

void add_run_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("run", "Run scenarios and judge their expectations");
  auto arguments = std::make_shared<RunArguments>();
  add_run_options(*command, *arguments);
  PlanOptions& plan = arguments->plan;
  command->add_flag_callback(
      "--as-live", [&plan] { plan.variant = language::Variant::live; },
      "Simulate what 'elblab live' runs: the changes of the live section");
  command->add_flag("--check-determinism", plan.check_determinism,
                    "Run each seed three times, over two event schedulers; traces must be equal");
  command->footer(R"(
Examples:
  elblab run TW-01 --seeds 1 --run symptom
  elblab run scenarios/time-wait --junit report.xml
  elblab run TW-04 --set 'hosts.c1.time_wait=30s'
  elblab run TW-01 --as-live

Traces are SQLite files, <DIR>/<id>.<run>.seed<n>.db. Every seed must hold.)");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_and_judge(*arguments); }; });
}

}  // namespace elblab::cli
