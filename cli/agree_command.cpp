// elblab agree: run scenarios simulated and live, and hold the two against each other.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>

#include "cli/commands.hpp"
#include "cli/printing/agreement_printer.hpp"
#include "cli/printing/junit_writer.hpp"
#include "cli/printing/progress_display.hpp"
#include "cli/run_arguments.hpp"
#include "cli/runs/agreement.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/tolerance.hpp"
#include "live/network/privileges.hpp"

namespace elblab::cli {
namespace {

// Live runs mostly wait, each is bounded in rate; so many of them leave a processor time to spare.
constexpr unsigned kLivePerCore = 10;
// What differed is made again nearly alone: each takes a minute, and two leave a core idle.
constexpr unsigned kAgainPerCore = 2;
constexpr unsigned kRepetitionsOfStalledRuns = 2;

struct AgreeArguments {
  RunArguments run;
  std::string tolerance;  // empty: each scenario's own
  std::string markdown;
};

// Only shows how the runs go: pairs are compared when all of them are over, because comparing
// takes the processor from live runs.
class Progress final : public RunObserver {
 public:
  Progress(const RunPlan& plan, Terminal& err, bool quiet) : display_(plan, err, quiet) {}

  void started(std::size_t job) override { display_.started(job); }
  void progressed(std::size_t job, const worlds::Progress& progress) override {
    display_.progressed(job, progress);
  }
  void ended(std::size_t job, const JobOutcome& outcome) override { display_.ended(job, outcome); }
  void repeats(std::size_t job, const JobOutcome& outcome) override {
    display_.repeats(job, outcome);
  }
  void ticked() override { display_.redraw(); }
  void differs(std::size_t job, const std::string& in) { display_.differs(job, in); }
  void clear() { display_.clear(); }

 private:
  ProgressDisplay display_;
};

ExitCode write_reports(const AgreeArguments& arguments, const RunPlan& plan,
                       const std::vector<AgreementPair>& pairs, Terminal& err) {
  std::vector<std::string> problems;
  if (!arguments.markdown.empty()) {
    problems.push_back(write_markdown(arguments.markdown, agreement_markdown(plan, pairs)));
  }
  if (!arguments.run.junit.empty()) {
    problems.push_back(write_junit(arguments.run.junit, agreement_junit(plan, pairs)));
  }
  std::erase(problems, "");
  for (const auto& problem : problems) err.write(problem + "\n");
  return problems.empty() ? ExitCode::holds : ExitCode::could_not_run;
}

ExitCode execute(const AgreeArguments& arguments, const RunPlan& plan,
                 std::optional<double> tolerance, Terminal& out, Terminal& err) {
  Progress progress(plan, err, arguments.run.quiet);
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned jobs = arguments.run.jobs;
  RunSupervisor supervisor(
      plan, {jobs > 0 ? std::min(jobs, cores) : cores, jobs > 0 ? jobs : cores * kLivePerCore},
      progress, kRepetitionsOfStalledRuns);
  std::vector<JobOutcome> outcomes = supervisor.run();
  std::vector<AgreementPair> pairs = compare_worlds(plan, outcomes, tolerance);
  const auto run_again = [&](const std::vector<std::size_t>& live) {
    for (const std::size_t job : live) {
      const auto pair = std::find_if(pairs.begin(), pairs.end(),
                                     [&](const AgreementPair& p) { return p.live == job; });
      const auto& seen = pair->differences;
      progress.differs(job, seen.empty() ? std::string() : seen.back());
    }
    return supervisor.run_again(live, {1, cores * kAgainPerCore});
  };
  if (!supervisor.was_interrupted()) {
    settle_differences(plan, outcomes, tolerance, run_again, pairs);
  }
  progress.clear();
  out.write(agreement_text(plan, pairs, out, arguments.run.quiet));
  ExitCode code = supervisor.was_interrupted() ? ExitCode::interrupted : ExitCode::holds;
  for (const auto& pair : pairs) code = graver(code, pair.code());
  return graver(code, write_reports(arguments, plan, pairs, err));
}

ExitCode run(AgreeArguments arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  std::optional<double> tolerance;
  if (!arguments.tolerance.empty()) {
    const auto parsed = parse_tolerance(arguments.tolerance);
    if (!parsed) {
      err.write(parsed.error().message + "\n");
      return ExitCode::bad_input;
    }
    tolerance = *parsed;
  }
  // Each seed takes its time on the wall: one, unless more are asked for.
  PlanOptions& options = arguments.run.plan;
  if (!options.seeds) options.seeds = 1;
  options.worlds = {World::simulation, World::live};
  options.variant = language::Variant::live;
  options.only_with_live_section = true;
  RunPlan plan;
  if (!plan_runs(arguments.run, plan, err)) return ExitCode::bad_input;
  if (const auto allowed = live::check_privileges(); !allowed) {
    err.write(allowed.error().message + "\n");
    return ExitCode::could_not_run;
  }
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    err.write(fmt::format("{}: cannot make the folder for traces: {} (--out DIR names another)\n",
                          options.out.string(), error.message()));
    return ExitCode::could_not_run;
  }
  return execute(arguments, plan, tolerance, out, err);
}

}  // namespace

void add_agree_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "agree", "Run scenarios simulated and live, and hold the two against each other");
  auto arguments = std::make_shared<AgreeArguments>();
  add_run_options(*command, arguments->run);
  command->add_option("--repeat", arguments->run.plan.repeat, "How often each run is repeated live")
      ->check(CLI::Range(1U, 1000U));
  command
      ->add_option("--tolerance", arguments->tolerance,
                   "Share by which a figure may differ (default: each scenario's own)")
      ->type_name("SHARE");
  command->add_option("--markdown", arguments->markdown, "Also write the table as Markdown")
      ->type_name("FILE");
  command->footer(R"(
Examples:
  elblab agree TW-01
  elblab agree scenarios --markdown docs/agreement.md
  elblab compare --all out/TW-01.symptom.seed1.simulation.db out/TW-01.symptom.seed1.live.db

What runs, in both worlds, is the scenario with the changes of its `live` section; scenarios without
one are left out. Needs the same rights as elblab live. docs/agreement.md tells how distances and
bounds are made.

Exit codes: 0 every pair agrees, 1 one does not, 2 bad input, 4 could not run.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
