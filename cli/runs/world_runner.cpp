#include "cli/runs/world_runner.hpp"

#include "live/live_run.hpp"
#include "sim/simulation.hpp"

namespace elblab::cli {
namespace {

sim::EventScheduler scheduler_of(Pass pass) {
  return pass == Pass::other_scheduler ? sim::EventScheduler::map
                                       : sim::EventScheduler::priority_queue;
}

worlds::RunOutcome simulate(const language::Scenario& scenario, const worlds::RunOptions& options,
                            Pass pass) {
  sim::RunOptions all{options, scheduler_of(pass)};
  return sim::run(scenario, all);
}

}  // namespace

std::string_view to_string(World world) {
  return world == World::simulation ? "simulation" : "live";
}

Runner runner_of(const Job& job) {
  if (job.world == World::live) {
    return [packet_io = job.packet_io](const language::Scenario& scenario,
                                       const worlds::RunOptions& options) {
      return live::run(scenario, live::RunOptions{options, packet_io});
    };
  }
  return [pass = job.pass](const language::Scenario& scenario, const worlds::RunOptions& options) {
    return simulate(scenario, options, pass);
  };
}

}  // namespace elblab::cli
