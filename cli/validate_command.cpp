// elblab validate: find the mistakes in scenario files without running them.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/printing/verdict_printer.hpp"
#include "cli/runs/run_plan.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/balancer_file.hpp"

namespace elblab::cli {
namespace {

void say(const PlannedScenario& planned, Terminal& out) {
  std::size_t expectations = 0;
  for (const auto& run : planned.runs) {
    expectations += run.expectations.size() + run.diagnoses.size();
  }
  const std::size_t live = planned.file->live_runs().size();
  out.write(fmt::format("{}  {}: {}{}, {}\n", out.styled("ok", Style::good), planned.file->file(),
                        counted(planned.runs.size(), "run"),
                        live > 0 ? fmt::format(" ({} live)", live) : "",
                        counted(expectations, "expectation")));
  if (const auto& problem = planned.not_live) {
    out.write(fmt::format("    in simulation only: {}:{}: {}\n", problem->line, problem->column,
                          problem->message));
  }
}

void say(const std::string& file, const config::LoadBalancer& balancer, Terminal& out) {
  std::size_t servers = 0;
  for (const auto& group : balancer.groups) servers += group.servers.size();
  out.write(fmt::format("{}  {}: a balancer file, {}, {}, {}\n", out.styled("ok", Style::good),
                        file, counted(balancer.listeners.size(), "listener"),
                        counted(balancer.groups.size(), "group"), counted(servers, "server")));
}

// Takes the balancer files out of `what`; says those that are right.
std::size_t validate_balancers(std::vector<std::string>& what, Terminal& out, Terminal& err) {
  std::size_t mistakes = 0;
  std::erase_if(what, [&](const std::string& file) {
    if (!language::is_balancer_file(file)) return false;
    const auto loaded = language::load_balancer_file(file);
    for (const auto& error : loaded.errors) err.write(error.to_string() + "\n");
    mistakes += loaded.errors.size();
    if (!loaded.balancers.empty()) say(file, loaded.balancers.front(), out);
    return true;
  });
  return mistakes;
}

ExitCode validate(PlanOptions options) {
  Terminal out(stdout);
  Terminal err(stderr);
  std::size_t mistakes = validate_balancers(options.what, out, err);
  RunPlan plan;
  const auto errors = make_plan(ScenarioLibrary::of_this_process(), options, plan);
  for (const auto& error : errors) err.write(error + "\n");
  mistakes += errors.size();
  if (errors.empty()) {
    for (const auto& planned : plan.scenarios) say(planned, out);
  }
  if (mistakes == 0) return ExitCode::holds;
  err.write(counted(mistakes, "mistake") + "\n");
  return ExitCode::bad_input;
}

}  // namespace

void add_validate_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("validate", "Find mistakes in scenario files and balancer files");
  auto options = std::make_shared<PlanOptions>();
  command->add_option("scenario", options->what, "Ids, areas, files or folders")
      ->required()
      ->type_name("WHAT");
  command->callback([options, &chosen] { chosen = [options] { return validate(*options); }; });
}

}  // namespace elblab::cli
