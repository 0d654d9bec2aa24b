// Pairs of runs: which belong together, what is said about them, and the table they give.
// Simulated runs stand in for live ones: what is under test only looks at traces.
#include "cli/runs/agreement.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/printing/agreement_printer.hpp"
#include "sim/simulation.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::cli {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// TW-01 in small, as a kernel can run it: its TIME_WAIT lasts longer than the run, so that 20 ports
// carry 20 connections.
std::string live_scenario() {
  const std::string text = test::with(test::small_scenario("T-1"), "    time_wait: 1s\n", "");
  return test::with(text, "short_connections: 10/s}", "short_connections: 4/s}");
}

// Both runs of a small scenario, planned for both worlds.
struct Fixture {
  test::ScenarioFolder folder;
  RunPlan plan;
  std::vector<JobOutcome> outcomes;

  Fixture() {
    PlanOptions options;
    options.what = {folder.write("T-1.elb.yaml", live_scenario())};
    options.worlds = {World::simulation, World::live};
    options.seeds = 1;
    options.out = folder.path();
    const auto errors = make_plan(ScenarioLibrary({}), options, plan);
    BOOST_REQUIRE_MESSAGE(errors.empty(), (errors.empty() ? "" : errors.front()));
    outcomes.resize(plan.jobs.size());
  }

  // Runs a job, in simulation whatever its world, as if its run were `run`.
  void run(std::size_t job, std::uint64_t seed, std::size_t run) {
    sim::RunOptions options;
    options.seed = seed;
    options.trace = plan.jobs[job].trace;
    outcomes[job].result = must(sim::run(plan.scenarios[0].runs[run], options));
    outcomes[job].state = JobOutcome::State::finished;
  }

  // Settles what differs; a live run that is made again shows the next of `runs`.
  std::vector<AgreementPair> settled(std::vector<std::size_t> runs) {
    auto pairs = compare_worlds(plan, outcomes, {});
    auto kept = outcomes;
    const auto again = [&](const std::vector<std::size_t>& jobs) {
      for (const std::size_t job : jobs) {
        BOOST_REQUIRE_MESSAGE(!runs.empty(), "made again too often");
        run(job, 1, runs.front());
        runs.erase(runs.begin());
      }
      return outcomes;
    };
    settle_differences(plan, kept, {}, again, pairs);
    BOOST_TEST(runs.empty(), "not made again often enough");
    return pairs;
  }

  // Of the symptom the live run agrees, of the remedy it shows the symptom.
  void let_the_remedy_differ() {
    run(0, 1, 0);
    run(1, 1, 0);
    run(2, 1, 1);
    run(3, 1, 0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(agreement, Fixture)

BOOST_AUTO_TEST_CASE(a_plan_for_both_worlds_has_a_job_in_each_with_a_trace_of_its_own) {
  BOOST_REQUIRE_EQUAL(plan.jobs.size(), 4U);
  BOOST_TEST((plan.jobs[0].world == World::simulation));
  BOOST_TEST((plan.jobs[1].world == World::live));
  BOOST_TEST(plan.jobs[0].trace.filename() == "T-1.symptom.seed1.simulation.db");
  BOOST_TEST(plan.jobs[1].trace.filename() == "T-1.symptom.seed1.live.db");
  BOOST_TEST(plan.title_of(plan.jobs[1]) == "T-1 symptom seed 1 live");
}

BOOST_AUTO_TEST_CASE(pairs_that_agree_and_differ_are_told_apart_and_counted) {
  run(0, 1, 0);
  run(1, 1, 0);
  run(2, 1, 1);
  run(3, 1, 0);  // a symptom where the remedy was to be seen
  const auto pairs = compare_worlds(plan, outcomes, {});
  BOOST_REQUIRE_EQUAL(pairs.size(), 2U);
  BOOST_TEST((pairs[0].code() == ExitCode::holds));
  BOOST_TEST((pairs[1].code() == ExitCode::expectation_failed));

  const Terminal terminal(stdout);
  const std::string text = agreement_text(plan, pairs, terminal, false);
  BOOST_TEST(holds(text, "T-1 symptom  identical"), text);
  BOOST_TEST(holds(text, "DIFFERENT"), text);
  BOOST_TEST(holds(text, "2 runs simulated and live: 1 agree, 1 does not: T-1 remedy"), text);
  const std::string quiet = agreement_text(plan, pairs, terminal, true);
  BOOST_TEST(!holds(quiet, "T-1 symptom  identical"), quiet);

  const std::string table = agreement_markdown(plan, pairs);
  BOOST_TEST(holds(table, "| T-1 symptom | `time_wait(c1)` | peak 20 | peak 20 | 0 | 5 |"), table);
  BOOST_TEST(holds(table,
                   "| T-1 remedy | `refused_locally(c1)` | 0 | 180 (fails) | +180 **differs** "
                   "| 9 |"),
             table);

  const std::string junit = agreement_junit(plan, pairs);
  BOOST_TEST(holds(junit, "tests=\"2\" failures=\"1\" errors=\"0\""), junit);
}

BOOST_AUTO_TEST_CASE(a_difference_that_two_of_two_live_runs_show_stays_one) {
  let_the_remedy_differ();
  const auto pairs = settled({0});
  BOOST_TEST((pairs[0].code() == ExitCode::holds));
  BOOST_TEST(pairs[0].live_runs == 1U);
  BOOST_TEST((pairs[1].code() == ExitCode::expectation_failed));
  const std::string text = agreement_text(plan, pairs, Terminal(stdout), false);
  BOOST_TEST(holds(text, "1 does not: T-1 remedy in 2 of 2 live runs"), text);
}

BOOST_AUTO_TEST_CASE(a_difference_that_one_of_three_live_runs_shows_is_the_machines) {
  let_the_remedy_differ();
  const auto pairs = settled({1, 1});
  BOOST_TEST((pairs[1].code() == ExitCode::holds));
  const std::string text = agreement_text(plan, pairs, Terminal(stdout), false);
  BOOST_TEST(holds(text, "T-1 remedy  identical in 2 of 3 live runs: simulated"), text);
  BOOST_TEST(holds(text, "  T-1 remedy, outvoted: expectation refused_locally(c1): "), text);
  BOOST_TEST(holds(text, "2 agree"), text);
  BOOST_TEST(holds(agreement_markdown(plan, pairs), "| T-1 remedy in 2 of 3 live runs | "));
}

BOOST_AUTO_TEST_CASE(a_difference_that_two_of_three_live_runs_show_stays_one) {
  let_the_remedy_differ();
  const auto pairs = settled({1, 0});
  BOOST_TEST((pairs[1].code() == ExitCode::expectation_failed));
  BOOST_TEST(pairs[1].agreeing == 1U);
  BOOST_TEST(holds(agreement_junit(plan, pairs), "bounds in 2 of 3 live runs."));
}

BOOST_AUTO_TEST_CASE(a_run_that_failed_or_lost_packets_gives_no_agreement) {
  run(0, 1, 0);
  outcomes[1].state = JobOutcome::State::could_not_run;
  outcomes[1].problem = "no space left";
  run(2, 1, 1);
  run(3, 1, 1);
  outcomes[3].problem = "packets not conserved";
  const auto pairs = compare_worlds(plan, outcomes, {});
  BOOST_TEST((pairs[0].code() == ExitCode::could_not_run));
  BOOST_TEST(pairs[0].problem == "T-1 symptom seed 1 live: no space left");
  BOOST_TEST((pairs[1].code() == ExitCode::could_not_run));
  BOOST_TEST(holds(agreement_junit(plan, pairs), "errors=\"2\""));
}

BOOST_AUTO_TEST_CASE(a_live_run_on_a_machine_that_stood_still_is_not_compared) {
  run(0, 1, 0);
  run(1, 1, 0);
  outcomes[1].result.longest_delay = std::chrono::milliseconds(1500);
  const auto pairs = compare_worlds(plan, outcomes, {});
  BOOST_TEST((pairs[0].code() == ExitCode::could_not_run));
  BOOST_TEST(pairs[0].problem ==
             "T-1 symptom seed 1 live: came 1.5 s late: this machine was too busy to compare it");
}

BOOST_AUTO_TEST_CASE(what_an_interrupt_kept_from_running_is_no_failure) {
  run(0, 1, 0);
  outcomes[1].state = JobOutcome::State::stopped;
  const auto pairs = compare_worlds(plan, outcomes, {});
  BOOST_TEST((pairs[0].code() == ExitCode::interrupted));
  BOOST_TEST((pairs[1].code() == ExitCode::interrupted));
}

BOOST_AUTO_TEST_CASE(a_tolerance_of_the_command_takes_the_place_of_the_scenarios) {
  run(0, 1, 0);
  run(1, 1, 0);
  BOOST_TEST(compare_worlds(plan, outcomes, {})[0].bounds.figure == 0.05);
  BOOST_TEST(compare_worlds(plan, outcomes, 0.2)[0].bounds.figure == 0.2);
}

BOOST_AUTO_TEST_CASE(live_runs_are_repeated_and_simulations_are_not) {
  RunPlan repeated;
  PlanOptions options;
  options.what = {folder.path() / "T-1.elb.yaml"};
  options.worlds = {World::simulation, World::live};
  options.seeds = 1;
  options.runs = {"symptom"};
  options.repeat = 3;
  options.out = folder.path();
  BOOST_REQUIRE(make_plan(ScenarioLibrary({}), options, repeated).empty());
  BOOST_REQUIRE_EQUAL(repeated.jobs.size(), 4U);
  BOOST_TEST(repeated.jobs[3].trace.filename() == "T-1.symptom.seed1.live3.db");
  BOOST_TEST(repeated.title_of(repeated.jobs[3]) == "T-1 symptom seed 1 live #3");
}

BOOST_AUTO_TEST_CASE(without_a_live_section_there_is_nothing_to_agree_on) {
  RunPlan none;
  PlanOptions options;
  options.what = {folder.path() / "T-1.elb.yaml"};
  options.only_with_live_section = true;
  const auto errors = make_plan(ScenarioLibrary({}), options, none);
  BOOST_REQUIRE_EQUAL(errors.size(), 1U);
  BOOST_TEST(holds(errors.front(), "no `live` section in T-1"), errors.front());
}

BOOST_AUTO_TEST_CASE(a_document_keeps_what_stands_around_its_table) {
  const auto file = folder.path() / "page.md";
  std::ofstream(file) << "# Page\n<!-- agreement: begin -->\nold\n<!-- agreement: end -->\nEnd.\n";
  BOOST_TEST(write_markdown(file, "new\n") == "");
  BOOST_TEST(text_of(file) ==
             "# Page\n<!-- agreement: begin -->\nnew\n<!-- agreement: end -->\nEnd.\n");
  const auto fresh = folder.path() / "fresh.md";
  BOOST_TEST(write_markdown(fresh, "new\n") == "");
  BOOST_TEST(text_of(fresh) == "new\n");
  BOOST_TEST(holds(write_markdown(folder.path() / "no" / "where.md", "new\n"), "cannot write"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::cli
