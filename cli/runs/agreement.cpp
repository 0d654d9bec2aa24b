#include "cli/runs/agreement.hpp"

#include <fmt/format.h>

#include <utility>

#include "analysis/comparison/difference_text.hpp"
#include "cli/runs/run_supervisor.hpp"

namespace elblab::cli {
namespace {

std::size_t simulation_of(const RunPlan& plan, const Job& live) {
  std::size_t i = 0;
  for (; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    if (job.world == World::simulation && job.scenario == live.scenario && job.run == live.run &&
        job.seed == live.seed) {
      break;
    }
  }
  return i;
}

// Empty when the job came to its end.
std::string what_kept(const RunPlan& plan, std::size_t job, const JobOutcome& outcome) {
  const std::string title = plan.title_of(plan.jobs[job]);
  switch (outcome.state) {
    case JobOutcome::State::finished:
      return {};
    case JobOutcome::State::stopped:
      return title + " was stopped";
    case JobOutcome::State::not_started:
      return title + " was not run";
    case JobOutcome::State::could_not_run:
    case JobOutcome::State::crashed:
      break;
  }
  return title + ": " + outcome.problem;
}

// What a live run measured on a machine that stood still proves nothing, whatever it shows.
std::string stall_of(const RunPlan& plan, std::size_t job, const JobOutcome& outcome) {
  if (!stalled(outcome)) return {};
  return fmt::format("{}: came {:.1f} s late: this machine was too busy to compare it",
                     plan.title_of(plan.jobs[job]), to_seconds(outcome.result.longest_delay));
}

bool was_interrupted(const JobOutcome& outcome) {
  return outcome.state == JobOutcome::State::stopped ||
         outcome.state == JobOutcome::State::not_started;
}

void open_and_compare(const RunPlan& plan, AgreementPair& pair) {
  const auto open = [&](std::size_t job, std::unique_ptr<trace::Reader>& reader) {
    auto opened = trace::Reader::open(plan.jobs[job].trace);
    if (opened) {
      reader = std::move(*opened);
    } else {
      pair.problem = opened.error().message;
    }
  };
  open(pair.simulated, pair.simulated_trace);
  open(pair.live, pair.live_trace);
  if (!pair.problem.empty()) return;
  const language::Scenario& scenario = plan.scenario_of(plan.jobs[pair.live]);
  auto comparison = comparison::compare(*pair.simulated_trace, *pair.live_trace,
                                        scenario.expectations, pair.bounds);
  if (comparison) {
    pair.comparison = std::move(*comparison);
    pair.agreeing = pair.comparison->agreement == comparison::Agreement::different ? 0 : 1;
    pair.differences = comparison::differences_of(*pair.comparison);
  } else {
    pair.problem = comparison.error().message;
  }
}

AgreementPair compared(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                       std::optional<double> tolerance, std::size_t live) {
  AgreementPair pair;
  pair.live = live;
  pair.simulated = simulation_of(plan, plan.jobs[live]);
  pair.bounds = comparison::Bounds::of_tolerance(
      tolerance.value_or(plan.scenario_of(plan.jobs[live]).agreement_tolerance));
  for (const std::size_t job : {pair.simulated, pair.live}) {
    if (pair.problem.empty()) pair.problem = what_kept(plan, job, outcomes[job]);
    pair.interrupted = pair.interrupted || was_interrupted(outcomes[job]);
  }
  if (pair.problem.empty()) pair.problem = stall_of(plan, pair.live, outcomes[pair.live]);
  if (pair.problem.empty()) open_and_compare(plan, pair);
  for (const std::size_t job : {pair.simulated, pair.live}) {
    // A run that lost packets came to its end and can be compared, but proves nothing.
    if (pair.problem.empty() && !outcomes[job].problem.empty()) {
      pair.problem = plan.title_of(plan.jobs[job]) + ": " + outcomes[job].problem;
    }
  }
  return pair;
}

}  // namespace

ExitCode AgreementPair::code() const {
  if (interrupted) return ExitCode::interrupted;
  if (!problem.empty()) return ExitCode::could_not_run;
  return comparison->agreement == comparison::Agreement::different ? ExitCode::expectation_failed
                                                                   : ExitCode::holds;
}

std::vector<AgreementPair> compare_worlds(const RunPlan& plan,
                                          const std::vector<JobOutcome>& outcomes,
                                          std::optional<double> tolerance) {
  std::vector<AgreementPair> pairs;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
    if (plan.jobs[i].world == World::live) pairs.push_back(compared(plan, outcomes, tolerance, i));
  }
  return pairs;
}

void settle_differences(const RunPlan& plan, std::vector<JobOutcome>& outcomes,
                        std::optional<double> tolerance, const RunAgain& run_again,
                        std::vector<AgreementPair>& pairs) {
  std::vector<AgreementPair*> open;
  for (auto& pair : pairs) {
    if (pair.differs()) open.push_back(&pair);
  }
  for (int round = 0; round < 2 && !open.empty(); ++round) {
    std::vector<std::size_t> jobs;
    for (const AgreementPair* pair : open) jobs.push_back(pair->live);
    std::vector<JobOutcome> again = run_again(jobs);
    for (const std::size_t job : jobs) outcomes[job] = std::move(again[job]);
    std::vector<AgreementPair*> undecided;
    for (AgreementPair* pair : open) {
      AgreementPair next = compared(plan, outcomes, tolerance, pair->live);
      next.live_runs += pair->live_runs;
      next.agreeing += pair->agreeing;
      next.differences.insert(next.differences.begin(), pair->differences.begin(),
                              pair->differences.end());
      *pair = std::move(next);
      if (pair->code() == ExitCode::holds) undecided.push_back(pair);
    }
    open = std::move(undecided);
  }
}

}  // namespace elblab::cli
