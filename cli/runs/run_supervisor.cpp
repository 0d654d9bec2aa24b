#include "cli/runs/run_supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/runs/world_runner.hpp"
#include "cli/signals/stop_signals.hpp"
#include "live/network/stale_namespaces.hpp"

namespace elblab::cli {
namespace {

constexpr int kTickMilliseconds = 100;
constexpr std::chrono::seconds kInterruptPatience{5};

}  // namespace

void RunObserver::repeats(std::size_t, const JobOutcome&) {}
bool RunObserver::has_given_up() const { return false; }

bool stalled(const JobOutcome& outcome) {
  return outcome.state == JobOutcome::State::finished && outcome.result.longest_delay > kStall;
}

RunSupervisor::RunSupervisor(const RunPlan& plan, Parallel parallel, RunObserver& observer,
                             unsigned repetitions)
    : plan_(plan),
      conflicts_(plan),
      parallel_(parallel),
      observer_(observer),
      runner_(runner_of),
      repetitions_left_(plan.jobs.size(), repetitions),
      outcomes_(plan.jobs.size()) {
  for (const World world : {World::simulation, World::live}) {
    for (std::size_t job = 0; job < plan.jobs.size(); ++job) {
      if (plan.jobs[job].world == world) waiting_.push_back(job);
    }
  }
}

std::vector<JobOutcome> RunSupervisor::run() { return work_off(); }

std::vector<JobOutcome> RunSupervisor::run_again(const std::vector<std::size_t>& jobs,
                                                 Parallel parallel) {
  parallel_ = parallel;
  waiting_.assign(jobs.begin(), jobs.end());
  outcomes_.assign(plan_.jobs.size(), {});
  return work_off();
}

std::vector<JobOutcome> RunSupervisor::work_off() {
  const StopSignals signals;
  start_more();
  while (!running_.empty()) {
    wait_for_news();
    collect_ended();
    enforce_limits();
    obey_interrupts();
    start_more();
    observer_.ticked();
  }
  return std::move(outcomes_);
}

bool RunSupervisor::has_room_for(std::size_t job) const {
  if (alone_.count(job) > 0) return running_.empty();
  const World world = plan_.jobs[job].world;
  const std::size_t simulations = running_in(World::simulation);
  if (world == World::simulation) return simulations < parallel_.simulations;
  return simulations == 0 && running_.size() < parallel_.live && !setting_up_;
}

void RunSupervisor::start_more() {
  while (!was_interrupted()) {
    const auto next = next_to_start();
    if (next == waiting_.end()) return;
    const std::size_t job = *next;
    waiting_.erase(next);
    start(job);
  }
}

std::deque<std::size_t>::iterator RunSupervisor::next_to_start() {
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (!has_room_for(*it)) break;
    if (!conflicts_with_running(*it)) return it;
  }
  return waiting_.end();
}

bool RunSupervisor::conflicts_with_running(std::size_t job) const {
  return std::any_of(running_.begin(), running_.end(),
                     [&](const auto& entry) { return conflicts_.between(job, entry.first); });
}

std::size_t RunSupervisor::running_in(World world) const {
  return static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(),
                    [&](const auto& entry) { return plan_.jobs[entry.first].world == world; }));
}

void RunSupervisor::start(std::size_t index) {
  const Job& job = plan_.jobs[index];
  worlds::RunOptions options;
  options.seed = job.seed;
  options.trace = job.trace;
  options.pcap_folder = job.pcap_folder;
  options.packets = job.packets;
  auto child = ChildProcess::start(runner_(job), plan_.scenario_of(job), std::move(options));
  const int why_not = errno;
  observer_.started(index);
  if (child) {
    if (job.world == World::live) setting_up_ = index;
    running_.emplace(index, Running{std::move(*child), std::chrono::steady_clock::now(), {}});
    return;
  }
  JobOutcome outcome;
  outcome.state = JobOutcome::State::could_not_run;
  outcome.problem = fmt::format("no process for the run: {}", std::strerror(why_not));
  end(index, std::move(outcome));
}

void RunSupervisor::wait_for_news() {
  std::vector<pollfd> descriptors;
  for (const auto& [job, running] : running_) {
    const ChildProcess& child = running.child;
    for (const int descriptor : {child.report_descriptor(), child.diagnostics_descriptor()}) {
      if (descriptor >= 0) descriptors.push_back({descriptor, POLLIN, 0});
    }
  }
  poll(descriptors.data(), descriptors.size(), kTickMilliseconds);
  for (auto& [job, running] : running_) {
    if (const auto progress = running.child.read_reports()) {
      if (setting_up_ == job) setting_up_.reset();
      observer_.progressed(job, *progress);
    }
    running.child.read_diagnostics();
  }
}

void RunSupervisor::collect_ended() {
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->second.child.has_ended()) {
      ++it;
      continue;
    }
    const std::size_t job = it->first;
    JobOutcome outcome = it->second.child.collect();
    if (!it->second.killed_for.empty()) outcome.problem = it->second.killed_for;
    it = running_.erase(it);
    // One that was killed, or crashed, had no time to remove them.
    const bool died = outcome.state == JobOutcome::State::crashed;
    if (died && plan_.jobs[job].world == World::live) live::remove_stale_namespaces();
    end(job, std::move(outcome));
  }
}

void RunSupervisor::end(std::size_t job, JobOutcome outcome) {
  if (setting_up_ == job) setting_up_.reset();
  // A child that had to be killed, or was asked before it could listen, did not crash.
  if (was_interrupted() && outcome.state == JobOutcome::State::crashed) {
    outcome.state = JobOutcome::State::stopped;
  }
  outcomes_[job] = std::move(outcome);
  if (stalled(outcomes_[job]) && repetitions_left_[job] > 0 && !was_interrupted()) {
    --repetitions_left_[job];
    alone_.insert(job);
    waiting_.push_back(job);
    observer_.repeats(job, outcomes_[job]);
    return;
  }
  observer_.ended(job, outcomes_[job]);
}

void RunSupervisor::enforce_limits() {
  if (!limits_) return;
  const auto now = std::chrono::steady_clock::now();
  for (auto& [job, running] : running_) {
    if (!running.killed_for.empty()) continue;
    if (now - running.begun >= limits_->wall_time) {
      running.killed_for = fmt::format("no end after {} s", limits_->wall_time.count());
    } else if (running.child.resident_bytes() > limits_->memory_bytes) {
      running.killed_for = fmt::format("more than {} MB of memory", limits_->memory_bytes >> 20);
    }
    if (!running.killed_for.empty()) running.child.kill_now();
  }
}

void RunSupervisor::obey_interrupts() {
  const int seen = std::max(StopSignals::times(), observer_.has_given_up() ? 1 : 0);
  const auto now = std::chrono::steady_clock::now();
  const bool first = seen > 0 && interrupts_seen_ == 0;
  const bool again = seen > 1 && interrupts_seen_ <= 1;
  interrupts_seen_ = seen;
  if (first) {
    asked_at_ = now;
    for (const auto& [job, running] : running_) running.child.ask_to_stop();
  }
  const bool out_of_patience = seen > 0 && now - asked_at_ > kInterruptPatience;
  if (again || out_of_patience) {
    for (const auto& [job, running] : running_) running.child.kill_now();
  }
}

}  // namespace elblab::cli
