#include "cli/run_arguments.hpp"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "cli/packets_option.hpp"
#include "cli/run_session.hpp"
#include "cli/whole_number.hpp"

namespace elblab::cli {
namespace {

// "workload.burst.short_connections=376/s" -> path and value; false without '='.
bool split_setting(const std::string& text, language::Override& setting) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  setting = {text.substr(0, equals), text.substr(equals + 1)};
  return true;
}

bool complain(Terminal& err, const std::vector<std::string>& errors) {
  for (const auto& error : errors) err.write(error + "\n");
  return !errors.empty();
}

}  // namespace

std::vector<std::string> read_settings(const std::vector<std::string>& settings,
                                       std::vector<language::Override>& overrides) {
  std::vector<std::string> errors;
  for (const auto& text : settings) {
    language::Override setting;
    if (split_setting(text, setting)) {
      overrides.push_back(std::move(setting));
    } else {
      errors.push_back(
          fmt::format("--set {}: expected path=value, for example "
                      "workload.burst.short_connections=376/s",
                      text));
    }
  }
  return errors;
}

void add_run_options(CLI::App& command, RunArguments& arguments) {
  PlanOptions& plan = arguments.plan;
  command.add_option("scenario", plan.what, "Ids, areas, files or folders")
      ->required()
      ->type_name("WHAT");
  command.add_option("--run", plan.runs, "Only this run of each scenario (may be repeated)")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seed", plan.seed, "The (first) seed, instead of the scenario's own")
      ->check(CLI::Validator(whole_number, ""));
  command.add_option("--seeds", plan.seeds, "How many seeds, counting up from --seed or 1")
      ->check(CLI::Range(1U, 10000U));
  command.add_option("--jobs,-j", arguments.jobs, "Runs at a time (default: one per core)")
      ->check(CLI::Range(1U, 1024U));
  command.add_option("--out,-o", plan.out, "Folder for traces")
      ->type_name("DIR")
      ->capture_default_str();
  command
      .add_option("--set", arguments.settings, "Change the scenario: path=value (may be repeated)")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--junit", arguments.junit, "Also write the verdict as JUnit XML")
      ->type_name("FILE");
  command.add_flag("--pcap", plan.pcap, "Capture every link into DIR/<run>.pcap/<host>.pcap");
  add_packets_option(command, plan.packets);
  command.add_flag_callback(
      "--no-diagnosis", [&arguments] { arguments.diagnose = false; },
      "Do not say why requests failed (elblab diagnose does, later)");
  command.add_flag("--quiet,-q", arguments.quiet, "No progress; only verdicts and what failed");
}

bool plan_runs(RunArguments& arguments, RunPlan& plan, Terminal& err) {
  if (complain(err, read_settings(arguments.settings, arguments.plan.overrides))) return false;
  const auto library = ScenarioLibrary::of_this_process();
  if (complain(err, make_plan(library, arguments.plan, plan))) return false;
  for (const auto& note : plan.notes) err.write(note + "\n");
  return true;
}

ExitCode run_and_judge(RunArguments arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  RunPlan plan;
  if (!plan_runs(arguments, plan, err)) return ExitCode::bad_input;
  std::error_code error;
  std::filesystem::create_directories(arguments.plan.out, error);
  if (error) {
    err.write(fmt::format("{}: cannot make the folder for traces: {} (--out DIR names another)\n",
                          arguments.plan.out.string(), error.message()));
    return ExitCode::could_not_run;
  }
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned jobs = arguments.jobs > 0 ? arguments.jobs : cores;
  return execute(plan, {{jobs, jobs}, arguments.junit, arguments.quiet, arguments.diagnose}, out,
                 err);
}

}  // namespace elblab::cli
