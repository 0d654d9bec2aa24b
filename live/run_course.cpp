#include "live/run_course.hpp"

#include <algorithm>
#include <optional>

namespace elblab::live {
namespace {

constexpr Duration kNoticeableDelay = std::chrono::milliseconds(100);

using worlds::RunFailure;

}  // namespace

RunCourse::RunCourse(const language::Scenario& scenario, const worlds::RunOptions& options,
                     World& world, worlds::Recording& recording)
    : scenario_(scenario),
      options_(options),
      world_(world),
      recording_(recording),
      timeline_(scenario, world.timeline_targets(), world.objects(), recording.recorder()),
      loop_(clock_),
      end_(kStart + scenario.duration) {
  world.put_on(loop_);
  loop_.end_at(end_);
}

worlds::RunOutcome RunCourse::run() {
  if (auto problem = timeline_.problem()) return RunFailure({*problem});
  if (auto opened = loop_.open(); !opened) return RunFailure(opened.error());
  clock_.start();
  const Expected<void> passed = pass();
  ended_at_ = clock_.now();
  const Expected<void> finished = world_.finish(ended_at_);
  if (!passed) return RunFailure(passed.error(), result());
  const Expected<void> recorded = stopped_ ? Expected<void>() : recording_.finish(ended_at_);
  if (!finished) return RunFailure(finished.error(), result());
  if (!recorded) return RunFailure(recorded.error(), result());
  return result();
}

Expected<void> RunCourse::pass() {
  if (auto started = world_.start(clock_.now()); !started) return started;
  while (clock_.now() < end_ && !recording_.failed() && !stopped_) {
    loop_.turn(std::min({end_, world_.next_sample(), timeline_.next_deadline(), next_report_}));
    advance(clock_.now());
    if (timeline_.failure()) return Error{*timeline_.failure()};
  }
  return {};
}

void RunCourse::advance(Instant now) {
  if (timeline_.next_deadline() <= now) {
    timeline_.advance(now);
    loop_.ask_all();
  }
  sample(now);
  if (next_report_ > now) return;
  next_report_ = now + options_.progress_interval;
  if (options_.on_progress) stopped_ = !options_.on_progress(progress(now));
}

// What is due at the end is taken with what is left then.
void RunCourse::sample(Instant now) {
  if (now >= end_ || world_.next_sample() > now) return;
  world_.sample(now);
}

worlds::Progress RunCourse::progress(Instant now) const {
  worlds::Progress progress;
  progress.simulated = std::min(now, end_);
  progress.duration = scenario_.duration;
  progress.wall_seconds = to_seconds(now);
  progress.connections = world_.connections_established();
  progress.refused = world_.connections_refused();
  return progress;
}

// Of this program's turns, and of packets: when other programs keep the kernel's own threads from
// running, packets come late although this program does not.
Duration RunCourse::longest_delay() const {
  Duration longest = loop_.longest_delay();
  for (const auto& port : world_.ports()) {
    longest = std::max(longest, port->ring().longest_wait);
  }
  return longest;
}

std::vector<std::string> RunCourse::warnings() const {
  std::vector<std::string> warnings;
  if (longest_delay() > kNoticeableDelay) {
    const auto late = std::chrono::duration_cast<std::chrono::milliseconds>(longest_delay());
    warnings.push_back("came up to " + std::to_string(late.count()) +
                       " ms late: this machine was too busy for the run");
  }
  for (const auto& port : world_.ports()) {
    if (const std::uint64_t lost = port->ring().dropped_by_ring) {
      warnings.push_back("link " + port->name() + ": " + std::to_string(lost) +
                         " packets lost because the balancer came too late for them");
    }
  }
  // Of one kernel, so the same on every host.
  for (const std::string& name : world_.topology().hosts.front().missing_sysctls) {
    warnings.push_back("this kernel has no " + name +
                       " in a namespace: it may behave otherwise than the model's default");
  }
  for (const KernelHost* host : world_.hosts()) {
    if (const std::uint64_t refused = host->calls().out_of_descriptors) {
      warnings.push_back("host " + host->name() + ": " + std::to_string(refused) +
                         " sockets refused for want of file descriptors (ulimit -n)");
    }
  }
  return warnings;
}

worlds::RunResult RunCourse::result() const {
  worlds::RunResult result;
  result.warnings = warnings();
  result.longest_delay = longest_delay();
  result.stopped = stopped_;
  result.end = progress(ended_at_);
  result.events = loop_.turns();
  result.packets = world_.network().packets_in();
  const auto problem = world_.conservation_problem();
  result.packets_conserved = !problem;
  result.conservation_problem = problem.value_or("");
  return result;
}

}  // namespace elblab::live
