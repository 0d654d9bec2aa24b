// A run in a child process: what its parent learns when it ends, stops, fails or dies.
#include <poll.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "analysis/comparison/first_difference.hpp"
#include "cli/runs/child_process.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/runs/world_runner.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::cli {
namespace {

struct Fixture {
  test::ScenarioFolder folder;

  language::Scenario scenario(const std::string& rate, const std::string& length) {
    auto loaded = language::ScenarioFile::parse(test::small_scenario("T-1"), "T-1.elb.yaml");
    BOOST_REQUIRE(loaded.file);
    auto decoded = loaded.file->decode(
        "symptom", {{"workload.burst.short_connections", rate}, {"workload.burst.for", length}});
    BOOST_REQUIRE(decoded.scenario);
    return *decoded.scenario;
  }

  ChildProcess start(const language::Scenario& run, std::uint64_t seed, const std::string& name) {
    worlds::RunOptions options;
    options.seed = seed;
    options.trace = folder.path() / name;
    auto child = ChildProcess::start(runner_of(Job{}), run, options);
    BOOST_REQUIRE(child);
    return std::move(*child);
  }
};

// Reads until the child has closed both ends, or `until` is true after a report.
template <typename Until>
void follow(ChildProcess& child, Until until) {
  while (!child.has_ended()) {
    std::array<pollfd, 2> descriptors{pollfd{child.report_descriptor(), POLLIN, 0},
                                      pollfd{child.diagnostics_descriptor(), POLLIN, 0}};
    poll(descriptors.data(), descriptors.size(), -1);
    const auto progress = child.read_reports();
    child.read_diagnostics();
    if (progress && until(*progress)) return;
  }
}

void follow_to_end(ChildProcess& child) {
  follow(child, [](const worlds::Progress&) { return false; });
}

bool some_progress(const worlds::Progress& progress) { return progress.connections > 0; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(supervision, Fixture)

BOOST_AUTO_TEST_CASE(a_run_that_ends_reports_its_result) {
  auto child = start(scenario("10/s", "5s"), 1, "a.db");
  follow_to_end(child);
  const JobOutcome outcome = child.collect();
  BOOST_CHECK(outcome.state == JobOutcome::State::finished);
  BOOST_CHECK_EQUAL(outcome.problem, "");
  BOOST_CHECK_EQUAL(to_seconds(outcome.result.end.simulated),
                    to_seconds(outcome.result.end.duration));
  BOOST_CHECK_GE(outcome.result.end.connections, 49U);  // 10/s for 5 s; the last may be under way
  BOOST_CHECK_LE(outcome.result.end.connections, 50U);
}

BOOST_AUTO_TEST_CASE(a_killed_run_is_a_crash_with_its_signal) {
  auto child = start(scenario("1000/s", "36000s"), 1, "a.db");
  follow(child, some_progress);
  child.kill_now();
  follow_to_end(child);
  const JobOutcome outcome = child.collect();
  BOOST_CHECK(outcome.state == JobOutcome::State::crashed);
  BOOST_CHECK_MESSAGE(outcome.problem.starts_with("crashed: signal 9"), outcome.problem);
}

BOOST_AUTO_TEST_CASE(a_run_asked_to_stop_leaves_a_readable_incomplete_trace) {
  auto child = start(scenario("1000/s", "36000s"), 1, "a.db");
  follow(child, some_progress);
  child.ask_to_stop();
  follow_to_end(child);
  BOOST_CHECK(child.collect().state == JobOutcome::State::stopped);
  BOOST_CHECK(!must(trace::Reader::open(folder.path() / "a.db"))->complete());
}

BOOST_AUTO_TEST_CASE(traces_of_one_seed_agree_and_of_two_seeds_differ) {
  const auto run = scenario("40/s", "5s");
  for (const auto& [seed, name] : {std::pair{1U, "a.db"}, {1U, "b.db"}, {2U, "c.db"}}) {
    auto child = start(run, seed, name);
    follow_to_end(child);
    BOOST_REQUIRE(child.collect().state == JobOutcome::State::finished);
  }
  BOOST_CHECK(!comparison::first_difference(folder.path() / "a.db", folder.path() / "b.db"));
  const auto text = comparison::first_difference(folder.path() / "a.db", folder.path() / "c.db");
  BOOST_REQUIRE(text);
  BOOST_CHECK_NE(*text, "");
}

BOOST_AUTO_TEST_CASE(a_trace_of_another_load_differs_first_at_its_first_connections) {
  for (const auto& [rate, name] : {std::pair{"10/s", "a.db"}, {"20/s", "b.db"}}) {
    auto child = start(scenario(rate, "5s"), 1, name);
    follow_to_end(child);
    BOOST_REQUIRE(child.collect().state == JobOutcome::State::finished);
  }
  const auto text = comparison::first_difference(folder.path() / "a.db", folder.path() / "b.db");
  BOOST_REQUIRE(text);
  BOOST_CHECK_MESSAGE(text->starts_with("event ") && text->find(" at 0.") != std::string::npos,
                      *text);
}

// Gives up as soon as a run has told how far it is.
struct Weary final : RunObserver {
  void started(std::size_t) override {}
  void progressed(std::size_t, const worlds::Progress&) override { has_enough = true; }
  void ended(std::size_t, const JobOutcome&) override {}
  void ticked() override {}
  bool has_given_up() const override { return has_enough; }
  bool has_enough = false;
};

BOOST_AUTO_TEST_CASE(an_observer_that_gives_up_stops_what_runs_and_starts_nothing_more) {
  PlanOptions options;
  options.what = {folder.write("T-1.elb.yaml", test::small_scenario("T-1"))};
  // Hours: they would not end by themselves.
  options.overrides = {{"workload.burst.short_connections", "1000/s"},
                       {"workload.burst.for", "36000s"}};
  options.out = folder.path();
  RunPlan plan;
  BOOST_REQUIRE(make_plan(ScenarioLibrary({}), options, plan).empty());
  Weary observer;
  RunSupervisor supervisor(plan, {1, 1}, observer);
  const auto outcomes = supervisor.run();
  BOOST_CHECK(supervisor.was_interrupted());
  BOOST_CHECK(outcomes.front().state == JobOutcome::State::stopped);
  BOOST_CHECK(outcomes.back().state == JobOutcome::State::not_started);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
