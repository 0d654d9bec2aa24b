// A sweep before it runs: its cells, what it measures, and what is refused.
#include "cli/sweeps/sweep.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::cli {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  elblab::test::ScenarioFolder folder;
  ScenarioLibrary library{{}};
  SweepOptions options;

  Fixture() {
    options.what = folder.write("T-1.elb.yaml", elblab::test::small_scenario("T-1"));
    options.over = {"workload.burst.short_connections=10/s,40/s"};
  }
  Sweep sweep() const { return must(Sweep::make(library, options)); }
  std::string problem() const {
    const auto made = Sweep::make(library, options);
    return made ? message_of(made->check_cells()) : made.error().message;
  }
  std::string problem_over(const std::string& over) {
    options.over = {over};
    return problem();
  }
  std::string problem_measuring(const std::string& measure) {
    options.measures = {measure};
    return problem();
  }
};

BOOST_FIXTURE_TEST_SUITE(sweeps, Fixture)

BOOST_AUTO_TEST_CASE(each_cell_is_a_job_with_its_settings) {
  options.over = {"workload.burst.short_connections=10/s,40/s", "hosts.c1.time_wait=1s,2s"};
  options.seeds = 2;
  const Sweep planned = sweep();
  BOOST_TEST(planned.size() == 8U);
  BOOST_TEST(planned.run() == "symptom");
  const RunPlan plan = planned.plan({{1, 1}, {1, 2}, {2, 1}}, "f");
  BOOST_REQUIRE_EQUAL(plan.jobs.size(), 3U);
  BOOST_TEST(plan.jobs[1].seed == 2U);
  BOOST_TEST(plan.jobs[1].trace.string() == "f/T-1.symptom.cell2.seed2.db");
  const auto time_wait = [&](std::size_t job) {
    return to_seconds(plan.scenario_of(plan.jobs[job]).hosts[0].time_wait);
  };
  BOOST_TEST(time_wait(0) == 2.0);
  BOOST_TEST(time_wait(1) == 2.0);
  BOOST_TEST(time_wait(2) == 1.0);
}

BOOST_AUTO_TEST_CASE(what_the_run_expects_is_measured_unless_something_is_named) {
  const SweepHeader expected = sweep().header("p");
  BOOST_REQUIRE_EQUAL(expected.measures.size(), 2U);
  BOOST_TEST(expected.measures[0].name == "time_wait(c1):max");
  BOOST_TEST(expected.measures[1].name == "refused_locally(c1):total");
  options.measures = {"connected(c1):mean@1s..4s", "opened(c1):total@2s.."};
  const SweepHeader named = sweep().header("p");
  BOOST_REQUIRE_EQUAL(named.measures.size(), 2U);
  BOOST_TEST(named.measures[0].name == "connected(c1):mean@1s..4s");
  BOOST_TEST(named.measures[0].unit == "/s");
  BOOST_TEST(named.measures[1].name == "opened(c1):total@2s..");
  BOOST_TEST(named.measures[1].unit == "");
}

BOOST_AUTO_TEST_CASE(the_digest_is_that_of_the_text) {
  const std::string before = sweep().header("p").digest;
  BOOST_TEST(before.size() == 16U);
  BOOST_TEST(sweep().header("p").digest == before);
  folder.write("T-1.elb.yaml", elblab::test::small_scenario("T-1") + "# a word\n");
  BOOST_TEST(sweep().header("p").digest != before);
}

BOOST_AUTO_TEST_CASE(a_value_that_does_not_fit_is_shown_where_it_stands_with_its_cell) {
  const std::string unknown = problem_over("workload.brst.for=1s,2s");
  BOOST_TEST(holds(unknown, "cell 1 of 2, for=1s:\n--over:1:1: unknown path"), unknown);
  BOOST_TEST(holds(unknown, "did you mean 'workload.burst.for'?"), unknown);
  options.over = {"balancer.groups.app.servers.b1.weight=1,100,101"};
  const std::string range = problem();
  BOOST_TEST(holds(range, "cell 3 of 3, weight=101:\n--over:1:"), range);
  BOOST_TEST(holds(range, "101 is out of range"), range);
  BOOST_TEST(holds(range, "^^^"), range);
  const std::string unit = problem_over("workload.burst.for=1..2");
  BOOST_TEST(holds(unit, "'1' needs a unit: a duration such as"), unit);
}

BOOST_AUTO_TEST_CASE(a_measure_that_is_not_there_is_told_with_a_near_one) {
  for (const auto& [measure, part] : std::vector<std::pair<std::string, std::string>>{
           {"time_wait(c1)", "a statistic follows the measure: time_wait(c1):mean"},
           {"time_wait(c1):maxi", "did you mean 'max'?"},
           {"time_wiat(c1):max", "unknown measure 'time_wiat'; did you mean 'time_wait'?"},
           {"time_wait(c9):max", "there is none named 'c9'"},
           {"time_wait(c1):total", "a level has no total"},
           {"time_wait:max", "is not a measure"},
           {"time_wait(c1):max@5s", "a phase is FROM..TO"},
           {"time_wait(c1):max@5..", "needs a unit"},
           {"time_wait(c1):max@5s..5s", "the phase is empty"},
           {"detection_s(app/b1)", "detection_s belongs to a server"},
           {"flaps_per_hour(b1):max", "it takes no statistic"}}) {
    const std::string problem = problem_measuring(measure);
    BOOST_TEST(problem.starts_with("--measure " + measure + ": "), problem);
    BOOST_TEST(holds(problem, part), problem);
  }
  options.measures = {"time_wait(c1):max", "time_wait(c1):max"};
  BOOST_TEST(holds(problem(), "stands there twice"));
}

BOOST_AUTO_TEST_CASE(one_scenario_one_run_and_not_too_many_of_them) {
  options.run = "symptoms";
  BOOST_TEST(holds(problem(), "no run 'symptoms' in T-1; did you mean 'symptom'?"), problem());
  options.run.clear();
  options.seeds = 10'000;
  options.over = {"workload.burst.for=1s..3s"};
  BOOST_TEST(holds(problem(), "3 cells × 10000 seeds are too many"), problem());
  options.seeds = 1;
  folder.write("T-2.elb.yaml", elblab::test::small_scenario("T-2"));
  options.what = folder.path().string();
  BOOST_TEST(holds(problem(), "2 scenarios; a sweep is of one"), problem());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::cli
