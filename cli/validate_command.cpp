// elblab validate: find the mistakes in scenario files without running them.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/run_plan.hpp"
#include "cli/terminal.hpp"
#include "cli/verdict_printer.hpp"

namespace elblab::cli {
namespace {

ExitCode validate(const PlanOptions& options) {
  Terminal out(stdout);
  Terminal err(stderr);
  RunPlan plan;
  const auto errors = make_plan(ScenarioLibrary::of_this_process(), options, plan);
  for (const auto& error : errors) err.write(error + "\n");
  if (!errors.empty()) {
    err.write(counted(errors.size(), "mistake") + "\n");
    return ExitCode::bad_input;
  }
  for (const auto& planned : plan.scenarios) {
    std::size_t expectations = 0;
    for (const auto& run : planned.runs) expectations += run.expectations.size();
    out.write(fmt::format("{}  {}: {}, {}\n", out.styled("ok", Style::good), planned.file->file(),
                          counted(planned.runs.size(), "run"),
                          counted(expectations, "expectation")));
  }
  return ExitCode::holds;
}

}  // namespace

void add_validate_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("validate", "Find mistakes in scenario files");
  auto options = std::make_shared<PlanOptions>();
  command->add_option("scenario", options->what, "Ids, areas, files or folders")
      ->required()
      ->type_name("WHAT");
  command->callback([options, &chosen] { chosen = [options] { return validate(*options); }; });
}

}  // namespace elblab::cli
