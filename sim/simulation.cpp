#include "sim/simulation.hpp"

#include <ns3/boolean.h>
#include <ns3/global-value.h>
#include <ns3/object-factory.h>
#include <ns3/rng-seed-manager.h>
#include <ns3/version-defines.h>

#include <algorithm>

#include "models/random/stream.hpp"
#include "sim/clock.hpp"
#include "sim/deadline_timer.hpp"
#include "sim/progress_watch.hpp"
#include "sim/world.hpp"
#include "worlds/recording.hpp"
#include "worlds/timeline.hpp"

namespace elblab::sim {
namespace {

std::string scheduler_name(EventScheduler scheduler) {
  return scheduler == EventScheduler::map ? "MapScheduler" : "PriorityQueueScheduler";
}

// What ns-3 keeps for the whole process is set afresh for every run.
void prepare_simulator(const language::Scenario& scenario, const RunOptions& options) {
  ns3::ObjectFactory scheduler;
  scheduler.SetTypeId("ns3::" + scheduler_name(options.scheduler));
  ns3::Simulator::SetScheduler(scheduler);
  // ns-3's own generators: backoff on CSMA, and inside native stacks. Their seed must not be 0.
  const std::uint64_t seed = random::Stream(options.seed, "ns-3").next();
  ns3::RngSeedManager::SetSeed(static_cast<std::uint32_t>(seed | 1));
  ns3::RngSeedManager::SetRun(1);
  // Native stacks meet peers that check checksums.
  const bool native =
      std::any_of(scenario.hosts.begin(), scenario.hosts.end(),
                  [](const language::HostSpec& h) { return h.stack == language::HostStack::ns3; });
  ns3::GlobalValue::Bind("ChecksumEnabled", ns3::BooleanValue(native));
}

Expected<void> prepare_folder(const std::optional<std::filesystem::path>& folder) {
  if (!folder) return {};
  std::error_code error;
  std::filesystem::create_directories(*folder, error);
  if (!error) return {};
  return Error{"capture folder " + folder->string() + ": " + error.message()};
}

void note_error(RunResult& result, const std::optional<std::string>& error) {
  if (error && result.error.empty()) result.error = *error;
}

void note_error(RunResult& result, const Expected<void>& answer) {
  if (!answer && result.error.empty()) result.error = answer.error().message;
}

// From a built world to its end. False: the recording must stay incomplete.
bool simulate(const language::Scenario& scenario, const RunOptions& options, World& world,
              worlds::Recording& recording, RunResult& result) {
  worlds::Timeline timeline(scenario, world.timeline_targets(), world.objects(),
                            recording.recorder());
  if (auto error = timeline.problem()) {
    result.error = *error;
    return false;
  }
  DeadlineTimer<worlds::Timeline> timeline_timer(timeline);
  timeline_timer.arm();
  ProgressWatch watch(options, world, recording, scenario.duration);
  watch.start();
  ns3::Simulator::Stop(to_ns3(scenario.duration));
  ns3::Simulator::Run();
  note_error(result, timeline.failure());
  note_error(result, world.finish());
  result.stopped = watch.stopped();
  result.end = watch.progress();
  result.events = ns3::Simulator::GetEventCount();
  result.packets = world.network().packets_in();
  const auto problem = world.conservation_problem();
  result.packets_conserved = !problem;
  result.conservation_problem = problem.value_or("");
  return !result.stopped && !timeline.failure();
}

}  // namespace

RunResult run(const language::Scenario& scenario, const RunOptions& options) {
  RunResult result;
  if (scenario.duration <= Duration{0} || scenario.sample_interval <= Duration{0}) {
    result.error = "a run needs a duration and a sample interval above zero";
    return result;
  }
  if (auto prepared = prepare_folder(options.pcap_folder); !prepared) {
    result.error = prepared.error().message;
    return result;
  }
  const std::string version = world_version() + ", " + scheduler_name(options.scheduler);
  const auto opened = worlds::Recording::open(
      options.trace, worlds::metadata_of(scenario, options.seed, "simulation", version),
      options.packets);
  if (!opened) {
    result.error = opened.error().message;
    return result;
  }
  worlds::Recording& recording = **opened;
  prepare_simulator(scenario, options);
  World world(scenario, options.seed, recording);
  note_error(result, world.build(options.pcap_folder));
  if (!result.error.empty()) return result;
  if (simulate(scenario, options, world, recording, result)) {
    note_error(result, recording.finish(now()));
  }
  return result;
}

std::string world_version() {
  return "ns-" + std::to_string(NS3_VERSION_MAJOR) + "." + std::to_string(NS3_VERSION_MINOR);
}

}  // namespace elblab::sim
