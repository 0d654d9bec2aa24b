#include "cli/run_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/printing/junit_writer.hpp"
#include "cli/printing/progress_display.hpp"
#include "cli/printing/verdict_printer.hpp"
#include "cli/runs/verdict.hpp"

namespace elblab::cli {
namespace {

// Follows the runs, and judges and prints a scenario as soon as its last run has ended.
class Session final : public RunObserver {
 public:
  Session(const RunPlan& plan, const SessionOptions& options, Terminal& out, Terminal& err)
      : plan_(plan),
        judging_{curve_columns_for(out.width()), options.diagnose},
        outcomes_(plan.jobs.size()),
        left_(plan.scenarios.size(), 0),
        out_(out),
        display_(plan, err, options.quiet),
        printer_(plan, outcomes_, out, options.quiet) {
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
  // Of a verdict that nobody can read no more is made.
  bool has_given_up() const override { return !out_.ok(); }

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
    verdicts_.push_back(judge(plan_, outcomes_, scenario, judging_));
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
  JudgeOptions judging_;
  std::vector<JobOutcome> outcomes_;
  std::vector<std::size_t> left_;  // jobs of each scenario still to end
  const Terminal& out_;
  ProgressDisplay display_;
  VerdictPrinter printer_;
  std::vector<ScenarioVerdict> verdicts_;
};

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

}  // namespace

ExitCode execute(const RunPlan& plan, const SessionOptions& options, Terminal& out, Terminal& err) {
  Session session(plan, options, out, err);
  RunSupervisor supervisor(plan, options.parallel, session);
  supervisor.run();
  session.finish();
  ExitCode code = code_of(session.verdicts());
  if (supervisor.was_interrupted()) {
    say_what_is_left(err, session.outcomes());
    code = ExitCode::interrupted;
  }
  if (!options.junit.empty()) {
    const std::string problem =
        write_junit(options.junit, junit_xml(plan, session.outcomes(), session.verdicts()));
    if (!problem.empty()) {
      err.write(problem + "\n");
      code = graver(code, ExitCode::could_not_run);
    }
  }
  return code;
}

}  // namespace elblab::cli
