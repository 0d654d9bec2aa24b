#include "live/live_run.hpp"

#include <sys/utsname.h>

#include <algorithm>

#include "live/loop.hpp"
#include "live/network/privileges.hpp"
#include "live/network/stale_namespaces.hpp"
#include "live/on_time.hpp"
#include "live/world.hpp"

namespace elblab::live {
namespace {

using worlds::Progress;
using worlds::RunResult;

void note_error(RunResult& result, const Failure& error) {
  if (error && result.error.empty()) result.error = *error;
}

constexpr Duration kLateSample = std::chrono::milliseconds(100);

// What must be so before anything is made.
Failure prepare(const language::Scenario& scenario) {
  if (scenario.duration <= Duration{0} || scenario.sample_interval <= Duration{0}) {
    return "a run needs a duration and a sample interval above zero";
  }
  if (auto refusal = live_refused()) return refusal;
  remove_stale_namespaces();
  return std::nullopt;
}

// The run of a built world, from its start to its end.
class Course {
 public:
  Course(const language::Scenario& scenario, const RunOptions& options, World& world,
         worlds::Recording& recording)
      : scenario_(scenario),
        options_(options),
        world_(world),
        recording_(recording),
        timeline_(scenario, world.timeline_targets(), world.objects(), recording.recorder()),
        loop_(clock_, world.balancer(), world.hosts()) {}

  // True: to the planned end.
  bool run(RunResult& result) {
    note_error(result, timeline_.problem());
    note_error(result, loop_.open());
    if (!result.error.empty()) return false;
    clock_.start();
    world_.start(clock_.now());
    const Instant end = kStart + scenario_.duration;
    while (clock_.now() < end && !recording_.failed() && !stopped_) {
      loop_.turn(std::min({end, world_.next_sample(), timeline_.next_deadline(), next_report_}));
      advance(clock_.now());
    }
    ended_at_ = std::max(clock_.now(), kStart);
    note_error(result, world_.finish(ended_at_));
    report(result);
    return !stopped_;
  }

  Instant ended_at() const { return ended_at_; }

 private:
  void advance(Instant now) {
    if (timeline_.next_deadline() <= now) timeline_.advance(now);
    // The samples due at the end are taken with what is left then.
    if (now < kStart + scenario_.duration && world_.next_sample() <= now) {
      latest_sample_ = std::max(latest_sample_, now - world_.next_sample());
      world_.sample(now);
    }
    if (next_report_ > now) return;
    next_report_ = now + options_.progress_interval;
    if (options_.on_progress) stopped_ = !options_.on_progress(progress(now));
  }

  Progress progress(Instant now) const {
    Progress progress;
    progress.simulated = std::min(now, kStart + scenario_.duration);
    progress.duration = scenario_.duration;
    progress.wall_seconds = to_seconds(now);
    progress.connections = world_.connections_established();
    progress.refused = world_.connections_refused();
    return progress;
  }

  // What makes the figures those of an overloaded machine.
  std::vector<std::string> warnings() const {
    std::vector<std::string> warnings;
    if (latest_sample_ > kLateSample) {
      warnings.push_back(
          "sampled up to " +
          std::to_string(
              std::chrono::duration_cast<std::chrono::milliseconds>(latest_sample_).count()) +
          " ms late: this machine was too busy for the run");
    }
    for (std::size_t i = 0; i < world_.balancer().ports(); ++i) {
      const Port& port = world_.balancer().port(i);
      if (const std::uint64_t lost = port.ring().dropped_by_ring) {
        warnings.push_back("link " + port.name() + ": " + std::to_string(lost) +
                           " packets lost because the balancer came too late for them");
      }
    }
    for (const KernelHost* host : world_.hosts()) {
      if (const std::uint64_t refused = host->calls().out_of_descriptors) {
        warnings.push_back("host " + host->name() + ": " + std::to_string(refused) +
                           " sockets refused for want of file descriptors (ulimit -n)");
      }
    }
    return warnings;
  }

  void report(RunResult& result) const {
    result.warnings = warnings();
    result.stopped = stopped_;
    result.end = progress(ended_at_);
    result.events = loop_.turns();
    result.packets = world_.balancer().cluster().counters().packets_in;
    const Failure problem = world_.balancer().conservation_problem();
    result.packets_conserved = !problem;
    result.conservation_problem = problem.value_or("");
  }

  const language::Scenario& scenario_;
  const RunOptions& options_;
  World& world_;
  worlds::Recording& recording_;
  RunClock clock_;
  worlds::Timeline timeline_;
  Loop loop_;
  Instant next_report_ = kStart;
  Duration latest_sample_{0};
  Instant ended_at_ = kStart;
  bool stopped_ = false;
};

}  // namespace

RunResult run(const language::Scenario& scenario, const RunOptions& options) {
  RunResult result;
  note_error(result, prepare(scenario));
  if (!result.error.empty()) return result;
  std::unique_ptr<worlds::Recording> recording;
  note_error(result, worlds::Recording::open(options.trace,
                                             worlds::metadata_of(scenario, options.seed, "live",
                                                                 world_version(options.packet_io)),
                                             recording));
  if (!result.error.empty()) return result;
  const OnTime on_time;
  World world(scenario, {options.seed, options.packet_io, options.pcap_folder}, *recording);
  note_error(result, world.build());
  if (!result.error.empty()) return result;
  world.add_servers();
  world.add_clients();
  world.add_series();
  Course course(scenario, options, world, *recording);
  if (course.run(result)) note_error(result, recording->finish(course.ended_at()));
  return result;
}

std::string world_version(PacketIoKind packet_io) {
  utsname system{};
  uname(&system);
  return std::string(system.sysname) + " " + system.release + ", " +
         std::string(to_string(packet_io));
}

}  // namespace elblab::live
