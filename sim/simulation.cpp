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

using worlds::RunFailure;

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

RunResult result_of(const World& world, const ProgressWatch& watch) {
  RunResult result;
  result.stopped = watch.stopped();
  result.end = watch.progress();
  result.events = ns3::Simulator::GetEventCount();
  result.packets = world.network().packets_in();
  const auto problem = world.conservation_problem();
  result.packets_conserved = !problem;
  result.conservation_problem = problem.value_or("");
  return result;
}

// From a built world to its end.
RunOutcome simulate(const language::Scenario& scenario, const RunOptions& options, World& world,
                    worlds::Recording& recording) {
  worlds::Timeline timeline(scenario, world.timeline_targets(), world.objects(),
                            recording.recorder());
  if (auto problem = timeline.problem()) return RunFailure({*problem});
  DeadlineTimer<worlds::Timeline> timeline_timer(timeline);
  timeline_timer.arm();
  ProgressWatch watch(options, world, recording, scenario.duration);
  watch.start();
  ns3::Simulator::Stop(to_ns3(scenario.duration));
  ns3::Simulator::Run();
  const Expected<void> finished = world.finish();
  RunResult result = result_of(world, watch);
  // The recording of a run that did not come to its planned end stays incomplete.
  if (timeline.failure()) return RunFailure({*timeline.failure()}, std::move(result));
  const Expected<void> recorded = result.stopped ? Expected<void>() : recording.finish(now());
  if (!finished) return RunFailure(finished.error(), std::move(result));
  if (!recorded) return RunFailure(recorded.error(), std::move(result));
  return result;
}

}  // namespace

RunOutcome run(const language::Scenario& scenario, const RunOptions& options) {
  if (scenario.duration <= Duration{0} || scenario.sample_interval <= Duration{0}) {
    return RunFailure({"a run needs a duration and a sample interval above zero"});
  }
  if (auto prepared = prepare_folder(options.pcap_folder); !prepared) {
    return RunFailure(prepared.error());
  }
  const std::string version = world_version() + ", " + scheduler_name(options.scheduler);
  const auto opened = worlds::Recording::open(
      options.trace, worlds::metadata_of(scenario, options.seed, "simulation", version),
      options.packets);
  if (!opened) return RunFailure(opened.error());
  worlds::Recording& recording = **opened;
  prepare_simulator(scenario, options);
  World world(scenario, options.seed, recording);
  if (auto built = world.build(options.pcap_folder); !built) return RunFailure(built.error());
  return simulate(scenario, options, world, recording);
}

std::string world_version() {
  return "ns-" + std::to_string(NS3_VERSION_MAJOR) + "." + std::to_string(NS3_VERSION_MINOR);
}

}  // namespace elblab::sim
