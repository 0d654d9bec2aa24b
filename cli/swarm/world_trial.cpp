#include "cli/swarm/world_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "cli/runs/run_supervisor.hpp"
#include "cli/runs/world_runner.hpp"
#include "live/world_rules.hpp"
#include "sim/world_rules.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

// Which jobs of the plan are of which subject.
struct PlannedTrials {
  RunPlan plan;
  std::vector<std::size_t> subject_of;  // by job
  std::vector<std::size_t> open;        // by subject: jobs that have not ended
};

std::string_view suffix_of(const Job& job) {
  if (job.world == World::live) return ".live";
  if (job.pass == Pass::same_scheduler) return ".again";
  return job.pass == Pass::other_scheduler ? ".map" : "";
}

class Planner {
 public:
  Planner(const std::vector<TriedWorld>& subjects, const TrialOptions& options,
          std::vector<Trial>& trials)
      : subjects_(subjects), options_(options), trials_(trials) {}

  PlannedTrials plan() {
    planned_.open.assign(subjects_.size(), 0);
    for (std::size_t i = 0; i < subjects_.size(); ++i) add(i);
    return std::move(planned_);
  }

 private:
  void add(std::size_t index) {
    const TriedWorld& subject = subjects_[index];
    auto loaded = language::ScenarioFile::parse(subject.yaml, subject.name + ".elb.yaml");
    if (!loaded.file) return refuse(index, loaded.errors.front().to_string());
    auto decoded = loaded.file->decode(loaded.file->runs().front());
    if (!decoded.scenario) return refuse(index, decoded.errors.front().to_string());
    if (const auto why = sim::unsupported(*decoded.scenario)) {
      trials_[index].not_for_simulation = *why;
      return;
    }
    bool live = subject.live;
    if (const auto why = live ? live::unsupported(*decoded.scenario) : std::nullopt) {
      trials_[index].not_for_live = *why;
      live = false;
    }
    PlannedScenario scenario;
    scenario.file = std::move(loaded.file);
    scenario.runs.push_back(std::move(*decoded.scenario));
    scenario.seeds = {subject.seed};
    planned_.plan.scenarios.push_back(std::move(scenario));
    add_job(index, World::simulation, Pass::main);
    if (subject.repeated) {
      add_job(index, World::simulation, Pass::same_scheduler);
      add_job(index, World::simulation, Pass::other_scheduler);
    }
    if (live) add_job(index, World::live, Pass::main);
  }

  void refuse(std::size_t index, std::string why) {
    trials_[index].findings.push_back({"not_accepted", std::move(why)});
  }

  void add_job(std::size_t index, World world, Pass pass) {
    Job job;
    job.scenario = planned_.plan.scenarios.size() - 1;
    job.seed = subjects_[index].seed;
    job.world = world;
    job.pass = pass;
    job.trace = options_.folder / fmt::format("{}{}.db", subjects_[index].name, suffix_of(job));
    planned_.plan.jobs.push_back(std::move(job));
    planned_.subject_of.push_back(index);
    ++planned_.open[index];
  }

  const std::vector<TriedWorld>& subjects_;
  const TrialOptions& options_;
  std::vector<Trial>& trials_;
  PlannedTrials planned_;
};

class Judging final : public RunObserver {
 public:
  Judging(PlannedTrials& planned, const TrialLimits& limits, std::vector<Trial>& trials,
          const std::function<void(std::size_t)>& told)
      : planned_(planned), limits_(limits), trials_(trials), told_(told) {
    digests_.resize(trials.size());
  }

  void started(std::size_t) override {}
  void progressed(std::size_t, const worlds::Progress&) override {}
  void ticked() override {}

  void ended(std::size_t job, const JobOutcome& outcome) override {
    const std::size_t subject = planned_.subject_of[job];
    take(planned_.plan.jobs[job], outcome, trials_[subject], digests_[subject]);
    forget(planned_.plan.jobs[job].trace);
    if (--planned_.open[subject] == 0 && told_) told_(subject);
  }

 private:
  static const char* kind_of_crash(const std::string& problem) {
    if (problem.starts_with("no end")) return "no_end";
    return problem.starts_with("more than") ? "memory" : "crash";
  }

  static std::string where(const Job& job) {
    if (job.world == World::live) return "live: ";
    return job.pass == Pass::main ? "" : "run again: ";
  }

  void take(const Job& job, const JobOutcome& outcome, Trial& trial,
            std::optional<std::uint64_t>& digest) {
    using State = JobOutcome::State;
    const auto find = [&](std::string kind, const std::string& text) {
      trial.findings.push_back({std::move(kind), where(job) + text});
    };
    switch (outcome.state) {
      case State::not_started:
      case State::stopped:
        trial.interrupted = true;
        return;
      case State::crashed:
        return find(kind_of_crash(outcome.problem), outcome.problem);
      case State::could_not_run:
        return find("not_run", outcome.problem);
      case State::finished:
        break;
    }
    if (!outcome.problem.empty()) find("not_conserved", outcome.problem);
    if (outcome.peak_memory_bytes > limits_.memory_bytes) {
      find("memory", fmt::format("{} MB", outcome.peak_memory_bytes >> 20));
    }
    std::error_code unknown;
    const auto bytes = fs::file_size(job.trace, unknown);
    if (!unknown && bytes > limits_.trace_bytes) {
      find("trace_size", fmt::format("{} MB", bytes >> 20));
    }
    take_judgement(job, trial, digest);
    if (job.world == World::simulation && job.pass == Pass::main) {
      trial.connections = outcome.result.end.connections;
      trial.packets = outcome.result.packets;
    }
  }

  void take_judgement(const Job& job, Trial& trial, std::optional<std::uint64_t>& digest) {
    const auto judgement = judgement_of(job.trace);
    if (!judgement) {
      trial.findings.push_back({"crash", where(job) + "the run left no judgement"});
      return;
    }
    for (const Finding& one : judgement->findings) {
      trial.findings.push_back({one.kind, where(job) + one.text});
    }
    if (job.world == World::live) return;
    if (digest && *digest != judgement->digest) {
      const char* how = job.pass == Pass::other_scheduler ? "under the other event scheduler"
                                                          : "of the same call";
      trial.findings.push_back({"not_deterministic", fmt::format("another trace {}", how)});
    }
    if (!digest) digest = judgement->digest;
  }

  static void forget(const fs::path& trace) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(trace.string() + suffix, ignored);
    fs::remove(judgement_file(trace), ignored);
  }

  PlannedTrials& planned_;
  const TrialLimits& limits_;
  std::vector<Trial>& trials_;
  const std::function<void(std::size_t)>& told_;
  std::vector<std::optional<std::uint64_t>> digests_;  // by subject: of the first run that ended
};

constexpr unsigned kLivePerCore = 6;

}  // namespace

std::vector<Trial> try_worlds(const std::vector<TriedWorld>& subjects, const TrialOptions& options,
                              const std::function<void(std::size_t)>& ended) {
  std::vector<Trial> trials(subjects.size());
  PlannedTrials planned = Planner(subjects, options, trials).plan();
  Judging judging(planned, options.limits, trials, ended);
  RunSupervisor supervisor(planned.plan, {options.jobs, options.jobs * kLivePerCore}, judging);
  supervisor.carry_out_with([](const Job& job) { return judged(runner_of(job)); });
  supervisor.limit(options.limits.wall_time, options.limits.memory_bytes);
  supervisor.run();
  for (std::size_t i = 0; i < trials.size(); ++i) {
    // Not even begun, or not all of it.
    if (supervisor.was_interrupted() && planned.open[i] > 0) trials[i].interrupted = true;
  }
  return trials;
}

}  // namespace elblab::cli
