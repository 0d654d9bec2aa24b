// Executes the jobs of a plan, up to so many at a time, each in its own child process.
//
// Simulations go first: they take whole processors, and a live run's clock does not wait for one.
// Live runs that share client addresses do not go on at the same time (address_conflicts.hpp): one
// that waits for another is passed by those that need not.
// Live runs begin one after the other, each when the clock of the one before it has started: making
// namespaces and devices is work, and thirty at it at once keep those that are ready from running.
// One that is made again, because the machine was too busy for it, has the machine to itself.
//
// Ctrl-C or another signal to stop (cli/signals) stops it cleanly: no further job starts, running
// ones are asked to stop and finish their traces; a second one, or a child that does not answer for
// five seconds, kills. Single-threaded; observers are called from run().
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "cli/runs/address_conflicts.hpp"
#include "cli/runs/child_process.hpp"
#include "cli/runs/run_plan.hpp"

namespace elblab::cli {

// job: index into the plan's jobs.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void started(std::size_t job) = 0;
  virtual void progressed(std::size_t job, const worlds::Progress& progress) = 0;
  virtual void ended(std::size_t job, const JobOutcome& outcome) = 0;
  // It ended, showed a machine that stood still, and will be started again.
  virtual void repeats(std::size_t job, const JobOutcome& outcome);
  // Several times a second while anything runs.
  virtual void ticked() = 0;
  // Whether going on is of no use, as on a full disk: then it stops as an interrupt would do it.
  virtual bool has_given_up() const;
};

// How many runs go on at a time, each at least 1. A simulation computes all the time, a live run
// mostly waits.
struct Parallel {
  unsigned simulations = 1;
  unsigned live = 1;
};

// A live run in which something came this much later than it was due measured a machine that stood
// still (a paused virtual machine, a burst of other programs), not a load balancer. A kernel sends
// again what was not answered for 200 ms.
inline constexpr Duration kStall = std::chrono::milliseconds(150);
bool stalled(const JobOutcome& outcome);

// How a job is carried out.
using RunnerOf = std::function<Runner(const Job&)>;

class RunSupervisor {
 public:
  // Plan and observer must outlive the supervisor. A live run that stalled is made again, up to
  // `repetitions` times; its last outcome counts.
  RunSupervisor(const RunPlan& plan, Parallel parallel, RunObserver& observer,
                unsigned repetitions = 0);

  // Before run(): instead of what runner_of() gives.
  void carry_out_with(RunnerOf runner) { runner_ = std::move(runner); }
  // Before run(): a run that goes on for longer, or takes more memory, is killed and counts as
  // crashed: one that has no end, or takes the machine along, is as bad, and nothing can ask it
  // why. Memory is looked at ten times a second.
  void limit(std::chrono::seconds wall_time, std::uint64_t memory_bytes) {
    limits_ = {wall_time, memory_bytes};
  }

  // One outcome per job of the plan; not_started for those that an interrupt kept from running.
  std::vector<JobOutcome> run();
  // Once more after run(), these jobs only, so many at a time. Outcomes as of run().
  std::vector<JobOutcome> run_again(const std::vector<std::size_t>& jobs, Parallel parallel);
  // Also by its observer.
  bool was_interrupted() const { return interrupts_seen_ > 0; }

 private:
  std::vector<JobOutcome> work_off();
  void start_more();
  std::size_t running_in(World world) const;
  bool has_room_for(std::size_t job) const;
  bool conflicts_with_running(std::size_t job) const;
  // Of waiting_; its end: none can start now.
  std::deque<std::size_t>::iterator next_to_start();
  void start(std::size_t job);
  void wait_for_news();
  void collect_ended();
  void obey_interrupts();
  void enforce_limits();
  void end(std::size_t job, JobOutcome outcome);

  const RunPlan& plan_;
  AddressConflicts conflicts_;
  Parallel parallel_;
  RunObserver& observer_;
  RunnerOf runner_;
  std::vector<unsigned> repetitions_left_;  // by job
  std::set<std::size_t> alone_;             // jobs that nothing may go on beside
  std::deque<std::size_t> waiting_;         // jobs, simulations first
  struct Running {
    ChildProcess child;
    std::chrono::steady_clock::time_point begun;
    std::string killed_for;  // empty: it was not
  };
  struct Limits {
    std::chrono::seconds wall_time;
    std::uint64_t memory_bytes;
  };
  std::optional<Limits> limits_;
  std::map<std::size_t, Running> running_;  // by job
  std::optional<std::size_t> setting_up_;   // the live job that has not told progress yet
  std::vector<JobOutcome> outcomes_;
  int interrupts_seen_ = 0;
  std::chrono::steady_clock::time_point asked_at_;
};

}  // namespace elblab::cli
