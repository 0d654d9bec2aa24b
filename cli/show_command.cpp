// elblab show: what a scenario does and expects, or one run with every default spelled out.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "analysis/expectations/text.hpp"
#include "cli/commands.hpp"
#include "cli/printing/filter_table.hpp"
#include "cli/printing/topology_drawing.hpp"
#include "cli/runs/run_plan.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {
namespace {

struct ShowArguments {
  PlanOptions plan;
  bool effective = false;
};

std::string goal_text(const language::Scenario& run, const language::WorkloadSpec& workload) {
  if (!workload.host.empty()) return workload.host;
  return run.balancers.size() == 1 ? workload.listener
                                   : workload.balancer + "/" + workload.listener;
}

std::string run_text(const language::Scenario& run, const Terminal& out) {
  std::string text = fmt::format("\n{}", out.styled(run.run, Style::bold));
  if (!run.run_title.empty()) text += "  " + one_line(run.run_title);
  text += fmt::format("\n  {} s simulated; workloads:",
                      expectations::number_text(to_seconds(run.duration)));
  for (const auto& workload : run.workloads) {
    text += fmt::format(" {} ({} → {})", workload.parameters.name, fmt::join(workload.from, ", "),
                        goal_text(run, workload));
  }
  text += "\n";
  for (const auto& expectation : run.expectations) {
    text += fmt::format("  expects {}: {}\n", expectation.measure.to_string(),
                        expectations::expected_text(expectation, expectation.unit));
  }
  return text;
}

std::string live_text(const language::ScenarioFile& file) {
  if (file.live_runs().empty()) return {};
  return fmt::format("  live       {}\n", fmt::join(file.live_runs(), ", "));
}

std::string scenario_text(const PlannedScenario& planned, const Terminal& out) {
  const language::ScenarioFile& file = *planned.file;
  std::string text = fmt::format("{}\n", out.styled(one_line(file.id() + "  " + file.title()), Style::bold));
  text += fmt::format("  file       {}\n  profile    {}\n  exercises  {}\n  seeds      {}\n",
                      file.file(), file.profile(), fmt::join(file.exercises(), ", "),
                      fmt::join(planned.seeds, ", "));
  text += live_text(file);
  text += "\n" + topology_drawing(planned.runs.front(), out);
  text += filter_table(planned.runs.front(), out);
  for (const auto& run : planned.runs) text += run_text(run, out);
  if (!file.why().empty()) text += fmt::format("\nwhy     {}\n", file.why());
  if (!file.remedy().empty()) text += fmt::format("remedy  {}\n", file.remedy());
  return text;
}

ExitCode show(const ShowArguments& arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  RunPlan plan;
  const auto errors = make_plan(ScenarioLibrary::of_this_process(), arguments.plan, plan);
  for (const auto& error : errors) err.write(error + "\n");
  if (!errors.empty()) return ExitCode::bad_input;
  for (const auto& planned : plan.scenarios) {
    if (!arguments.effective) {
      out.write(scenario_text(planned, out));
      continue;
    }
    for (std::size_t i = 0; i < planned.runs.size(); ++i) {
      out.write((i > 0 ? "---\n" : "") + planned.runs[i].effective_yaml);
    }
  }
  return ExitCode::holds;
}

}  // namespace

void add_show_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("show", "Show what a scenario does and expects");
  auto arguments = std::make_shared<ShowArguments>();
  command->add_option("scenario", arguments->plan.what, "An id, area, file or folder")
      ->required()
      ->type_name("WHAT");
  command->add_option("--run", arguments->plan.runs, "Only this run (may be repeated)")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag_callback(
      "--as-live", [arguments] { arguments->plan.variant = language::Variant::live; },
      "With the changes of the live section");
  command->add_flag("--effective", arguments->effective,
                    "Each run as YAML with every default spelled out");
  command->callback([arguments, &chosen] { chosen = [arguments] { return show(*arguments); }; });
}

}  // namespace elblab::cli
