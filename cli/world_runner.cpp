#include "cli/world_runner.hpp"

#include "sim/simulation.hpp"

namespace elblab::cli {
namespace {

sim::EventScheduler scheduler_of(Pass pass) {
  return pass == Pass::other_scheduler ? sim::EventScheduler::map
                                       : sim::EventScheduler::priority_queue;
}

worlds::RunResult simulate(const language::Scenario& scenario, const worlds::RunOptions& options,
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
    return [](const language::Scenario&, const worlds::RunOptions&) {
      worlds::RunResult result;
      result.error = "this elblab was built without the live world";
      return result;
    };
  }
  return [pass = job.pass](const language::Scenario& scenario, const worlds::RunOptions& options) {
    return simulate(scenario, options, pass);
  };
}

}  // namespace elblab::cli
