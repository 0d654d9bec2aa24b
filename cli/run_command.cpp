// elblab run: execute scenarios and judge them.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <system_error>
#include <thread>

#include "cli/commands.hpp"
#include "cli/junit_writer.hpp"
#include "cli/progress_display.hpp"
#include "cli/run_plan.hpp"
#include "cli/run_supervisor.hpp"
#include "cli/terminal.hpp"
#include "cli/verdict.hpp"
#include "cli/verdict_printer.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

struct RunArguments {
  PlanOptions plan;
  std::vector<std::string> settings;  // path=value
  unsigned jobs = 0;                  // 0: one per core
  std::string junit;
  bool quiet = false;
};

// Follows the runs, and judges and prints a scenario as soon as its last run has ended.
class Session final : public RunObserver {
 public:
  Session(const RunPlan& plan, Terminal& out, Terminal& err, bool quiet)
      : plan_(plan),
        curve_columns_(curve_columns_for(out.width())),
        outcomes_(plan.jobs.size()),
        left_(plan.scenarios.size(), 0),
        display_(plan, err, quiet),
        printer_(plan, outcomes_, out, quiet) {
    for (const auto& job : plan.jobs) ++left_[job.scenario];
  }

  void started(std::size_t job) override { display_.started(job); }
  void progressed(std::size_t job, const worlds::Progress& progress) override {
    display_.progressed(job, progress);
  }
  void ended(std::size_t job, const JobOutcome& outcome) override {
    outcomes_[job] = outcome;
    display_.ended(job, outcome);
    const std::size_t scenario = plan_.jobs[job].scenario;
    if (--left_[scenario] == 0) conclude(scenario);
  }
  void ticked() override { display_.redraw(); }

  // After the last run: what an interrupt left undone, and the total.
  void finish() {
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (left_[i] > 0) conclude(i);
    }
    display_.clear();
    printer_.print_total(verdicts_);
  }
  const std::vector<JobOutcome>& outcomes() const { return outcomes_; }
  const std::vector<ScenarioVerdict>& verdicts() const { return verdicts_; }

 private:
  void conclude(std::size_t scenario) {
    verdicts_.push_back(judge(plan_, outcomes_, scenario, curve_columns_));
    display_.clear();
    const bool any_started = std::any_of(
        verdicts_.back().runs.begin(), verdicts_.back().runs.end(), [&](const RunVerdict& run) {
          return std::any_of(run.jobs.begin(), run.jobs.end(), [&](std::size_t job) {
            return outcomes_[job].state != JobOutcome::State::not_started;
          });
        });
    if (any_started) printer_.print(verdicts_.back());
    left_[scenario] = 0;
  }

  const RunPlan& plan_;
  std::size_t curve_columns_;
  std::vector<JobOutcome> outcomes_;
  std::vector<std::size_t> left_;  // jobs of each scenario still to end
  ProgressDisplay display_;
  VerdictPrinter printer_;
  std::vector<ScenarioVerdict> verdicts_;
};

// "workload.burst.short_connections=376/s" -> path and value; false without '='.
bool split_setting(const std::string& text, language::Override& setting) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  setting = {text.substr(0, equals), text.substr(equals + 1)};
  return true;
}

std::vector<std::string> take_settings(RunArguments& arguments) {
  std::vector<std::string> errors;
  for (const auto& text : arguments.settings) {
    language::Override setting;
    if (split_setting(text, setting)) {
      arguments.plan.overrides.push_back(std::move(setting));
    } else {
      errors.push_back(
          fmt::format("--set {}: expected path=value, for example "
                      "workload.burst.short_connections=376/s",
                      text));
    }
  }
  return errors;
}

// CLI11 reads -1 as the largest unsigned number.
std::string whole_number(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  const bool digits = !text.empty() && text.size() <= kMostDigits &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::string() : fmt::format("'{}' is not a whole number from 0 to 10^18", text);
}

ExitCode complain(Terminal& err, const std::vector<std::string>& errors) {
  for (const auto& error : errors) err.write(error + "\n");
  return ExitCode::bad_input;
}

ExitCode code_of(const std::vector<ScenarioVerdict>& verdicts) {
  ExitCode code = ExitCode::holds;
  for (const auto& verdict : verdicts) code = graver(code, verdict.code());
  return code;
}

void say_what_is_left(Terminal& err, const std::vector<JobOutcome>& outcomes) {
  const auto count = [&](JobOutcome::State state) {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                                  [&](const auto& o) { return o.state == state; }));
  };
  err.write(
      fmt::format("stopped: {} finished, {} stopped midway (traces marked incomplete), "
                  "{} not started\n",
                  counted(count(JobOutcome::State::finished), "run"),
                  count(JobOutcome::State::stopped), count(JobOutcome::State::not_started)));
}

ExitCode execute(const RunPlan& plan, const RunArguments& arguments, Terminal& out, Terminal& err) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  Session session(plan, out, err, arguments.quiet);
  const unsigned jobs = arguments.jobs > 0 ? arguments.jobs : cores;
  RunSupervisor supervisor(plan, {jobs, jobs}, session);
  supervisor.run();
  session.finish();
  ExitCode code = code_of(session.verdicts());
  if (supervisor.was_interrupted()) {
    say_what_is_left(err, session.outcomes());
    code = ExitCode::interrupted;
  }
  if (!arguments.junit.empty()) {
    const std::string problem =
        write_junit(arguments.junit, junit_xml(plan, session.outcomes(), session.verdicts()));
    if (!problem.empty()) {
      err.write(problem + "\n");
      code = graver(code, ExitCode::could_not_run);
    }
  }
  return code;
}

ExitCode run(RunArguments arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  if (const auto errors = take_settings(arguments); !errors.empty()) return complain(err, errors);
  RunPlan plan;
  const auto library = ScenarioLibrary::of_this_process();
  if (const auto errors = make_plan(library, arguments.plan, plan); !errors.empty()) {
    return complain(err, errors);
  }
  for (const auto& note : plan.notes) err.write(note + "\n");
  std::error_code error;
  fs::create_directories(arguments.plan.out, error);
  if (error) {
    err.write(fmt::format("{}: cannot make the folder for traces: {} (--out DIR names another)\n",
                          arguments.plan.out.string(), error.message()));
    return ExitCode::could_not_run;
  }
  return execute(plan, arguments, out, err);
}

}  // namespace

void add_run_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("run", "Run scenarios and judge their expectations");
  auto arguments = std::make_shared<RunArguments>();
  PlanOptions& plan = arguments->plan;
  command->add_option("scenario", plan.what, "Ids, areas, files or folders")
      ->required()
      ->type_name("WHAT");
  command->add_option("--run", plan.runs, "Only this run of each scenario (may be repeated)")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--seed", plan.seed, "The (first) seed, instead of the scenario's own")
      ->check(CLI::Validator(whole_number, ""));
  command->add_option("--seeds", plan.seeds, "How many seeds, counting up from --seed or 1")
      ->check(CLI::Range(1U, 10000U));
  command->add_option("--jobs,-j", arguments->jobs, "Runs at a time (default: one per core)")
      ->check(CLI::Range(1U, 1024U));
  command->add_option("--out,-o", plan.out, "Folder for traces")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--set", arguments->settings,
                   "Change the scenario: path=value (may be repeated)")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--junit", arguments->junit, "Also write the verdict as JUnit XML")
      ->type_name("FILE");
  command->add_flag("--pcap", plan.pcap, "Capture every link into DIR/<run>.pcap/<host>.pcap");
  command->add_flag("--check-determinism", plan.check_determinism,
                    "Run each seed three times, over two event schedulers; traces must be equal");
  command->add_flag("--quiet,-q", arguments->quiet, "No progress; only verdicts and what failed");
  command->footer(R"(
Examples:
  elblab run TW-01 --seeds 1 --run symptom
  elblab run scenarios/time-wait --junit report.xml
  elblab run TW-04 --set 'hosts.c1.time_wait=30s'

Traces are SQLite files, <DIR>/<id>.<run>.seed<n>.db. Every seed must hold.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
