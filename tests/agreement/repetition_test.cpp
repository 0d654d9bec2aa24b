// Several live runs of a plan, and ones during which the machine stood still: those are made again.
// The child is stopped for a while, as a paused virtual machine would stop it.
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/runs/run_supervisor.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::cli {
namespace {

using live::NeedsPrivileges;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

void pause_children() {
  const std::string id = std::to_string(getpid());
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  for (pid_t child = 0; children >> child;) {
    kill(child, SIGSTOP);
    std::this_thread::sleep_for(kStall + std::chrono::milliseconds(250));
    kill(child, SIGCONT);
  }
}

// Stands in the way of the first run.
class Disturber final : public RunObserver {
 public:
  void started(std::size_t) override { ++starts; }
  void progressed(std::size_t, const worlds::Progress& progress) override {
    if (disturbed_ || progress.connections == 0) return;
    disturbed_ = true;
    pause_children();
  }
  void ended(std::size_t, const JobOutcome&) override { ++ends; }
  void repeats(std::size_t, const JobOutcome&) override { ++repetitions; }
  void ticked() override {}

  unsigned starts = 0;
  unsigned ends = 0;
  unsigned repetitions = 0;

 private:
  bool disturbed_ = false;
};

// What happened to which job, in order.
class Diary final : public RunObserver {
 public:
  void started(std::size_t job) override { told.emplace_back("started", job); }
  void progressed(std::size_t job, const worlds::Progress&) override {
    told.emplace_back("progressed", job);
  }
  void ended(std::size_t job, const JobOutcome&) override { told.emplace_back("ended", job); }
  void ticked() override {}

  std::vector<std::pair<std::string, std::size_t>> told;
};

struct Fixture {
  test::ScenarioFolder folder;
  RunPlan plan;
  Disturber disturber;

  Fixture() { make(1); }

  void make(unsigned seeds) {
    plan = {};
    PlanOptions options;
    options.what = {folder.write("T-1.elb.yaml", test::small_scenario("T-1"))};
    options.worlds = {World::live};
    options.runs = {"symptom"};
    options.overrides = {{"hosts.c1.time_wait", "60s"}};  // a kernel's
    options.seeds = seeds;
    options.out = folder.path();
    const auto errors = make_plan(ScenarioLibrary({}), options, plan);
    BOOST_REQUIRE_MESSAGE(errors.empty(), (errors.empty() ? "" : errors.front()));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(repetition, Fixture)

BOOST_AUTO_TEST_CASE(live_run_that_stalled_is_made_again_and_ends_once) {
  const auto outcomes = RunSupervisor(plan, {1, 1}, disturber, 3).run();
  BOOST_TEST((outcomes[0].state == JobOutcome::State::finished), outcomes[0].problem);
  BOOST_TEST(disturber.repetitions >= 1U);
  BOOST_TEST(disturber.starts == 1 + disturber.repetitions);
  BOOST_TEST(disturber.ends == 1U);
}

BOOST_AUTO_TEST_CASE(without_repetitions_the_stall_is_told) {
  const auto outcomes = RunSupervisor(plan, {1, 1}, disturber).run();
  BOOST_TEST(disturber.starts == 1U);
  BOOST_TEST(stalled(outcomes[0]));
  BOOST_REQUIRE(!outcomes[0].result.warnings.empty());
  BOOST_TEST(outcomes[0].result.warnings.front().find("ms late") != std::string::npos);
}

// They share addresses, and Linux would let them use up each other's ports
// (cli/runs/client_networks.hpp). Runs with addresses of their own: live_side_by_side_test.
BOOST_AUTO_TEST_CASE(repetitions_of_a_live_run_go_on_one_after_the_other) {
  make(4);
  BOOST_REQUIRE(plan.jobs.size() == 4U);
  Diary diary;
  const auto outcomes = RunSupervisor(plan, {1, 4}, diary).run();
  std::set<std::size_t> at_work;
  std::set<std::size_t> setting_up;
  std::size_t most = 0;
  for (const auto& [what, job] : diary.told) {
    if (what == "started") {
      BOOST_TEST(setting_up.empty(), "job " << job << " began during another's set-up");
      setting_up.insert(job);
      at_work.insert(job);
      most = std::max(most, at_work.size());
    }
    if (what != "started") setting_up.erase(job);
    if (what == "ended") at_work.erase(job);
  }
  BOOST_TEST(most == 1U);
  for (const auto& outcome : outcomes) {
    BOOST_TEST((outcome.state == JobOutcome::State::finished), outcome.problem);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
