// Live runs of one plan: those that share client addresses wait for each other, others pass them.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "cli/runs/run_supervisor.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::cli {
namespace {

using live::NeedsPrivileges;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

std::string scenario_with(const std::string& id, const std::string& addresses) {
  return "scenario: " + id + R"(
title: x
hosts:
  c1: {role: client, addresses: )" +
         addresses + R"(}
  b1: {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 90}}}}
workload:
  load: {from: c1, to: web, short_connections: 10/s, for: 2s}
)";
}

class Told final : public RunObserver {
 public:
  explicit Told(const RunPlan& plan) : plan_(plan) {}
  void started(std::size_t job) override { note("begins", job); }
  void progressed(std::size_t, const worlds::Progress&) override {}
  void ended(std::size_t job, const JobOutcome&) override { note("ends", job); }
  void ticked() override {}

  std::size_t place_of(const std::string& what) const {
    return static_cast<std::size_t>(std::find(story.begin(), story.end(), what) - story.begin());
  }
  std::vector<std::string> story;

 private:
  void note(const char* what, std::size_t job) {
    story.push_back(plan_.scenarios[plan_.jobs[job].scenario].file->id() + " " + what);
  }
  const RunPlan& plan_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(live_side_by_side)

BOOST_AUTO_TEST_CASE(runs_that_share_addresses_wait_and_others_pass_them) {
  const testing::TemporaryFolder folder;
  PlanOptions options;
  options.worlds = {World::live};
  options.out = folder.path();
  for (const auto& [id, addresses] :
       {std::pair("A", "[203.0.113.7]"), std::pair("B", "[203.0.113.7]"), std::pair("C", "1")}) {
    const auto file = folder / (std::string(id) + ".elb.yaml");
    std::ofstream(file) << scenario_with(id, addresses);
    options.what.push_back(file.string());
  }
  RunPlan plan;
  const auto errors = make_plan(ScenarioLibrary::of_this_process(), options, plan);
  BOOST_REQUIRE_MESSAGE(errors.empty(), (errors.empty() ? "" : errors.front()));
  Told told(plan);
  const auto outcomes = RunSupervisor(plan, {.simulations = 1, .live = 3}, told).run();
  for (const JobOutcome& outcome : outcomes) {
    BOOST_TEST((outcome.state == JobOutcome::State::finished), outcome.problem);
  }
  BOOST_TEST(told.story.size() == 6);
  BOOST_TEST(told.place_of("C begins") < told.place_of("A ends"));
  BOOST_TEST(told.place_of("A ends") < told.place_of("B begins"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
