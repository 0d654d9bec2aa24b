// elblab compare, from outside: verdict, exit code, what it prints.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Traces of both runs and two seeds, in out/ of the folder.
struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  Fixture() {
    const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
    const Ended ended = run_program({"run", file, "--quiet"}, here);
    BOOST_REQUIRE_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  }

  Ended compare(const std::string& a, const std::string& b) {
    return run_program({"compare", "out/T-1." + a + ".db", "out/T-1." + b + ".db"}, here);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(compare_command, Fixture)

BOOST_AUTO_TEST_CASE(a_trace_and_its_copy_are_identical) {
  std::filesystem::copy_file(folder.path() / "out/T-1.symptom.seed1.db",
                             folder.path() / "out/T-1.copy.db");
  const Ended ended = compare("symptom.seed1", "copy");
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "identical"), ended.out);
}

BOOST_AUTO_TEST_CASE(two_seeds_are_equivalent_and_the_expectations_stand_side_by_side) {
  const Ended ended = compare("symptom.seed1", "symptom.seed2");
  BOOST_TEST(ended.exit_code == 0, ended.out << ended.err);
  BOOST_TEST(holds(ended.out, "equivalent"), ended.out);
  BOOST_TEST(holds(ended.out, "time_wait(c1)"), ended.out);
  BOOST_TEST(holds(ended.out, "two seeds, 1 and 2"), ended.out);
  BOOST_TEST(holds(ended.out, "app/b1"), ended.out);
  BOOST_TEST(holds(ended.out, "first difference"), ended.out);
}

BOOST_AUTO_TEST_CASE(symptom_and_remedy_are_different_and_it_says_since_when) {
  const Ended ended = compare("symptom.seed1", "remedy.seed1");
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(holds(ended.out, "different"), ended.out);
  BOOST_TEST(holds(ended.out, "is beyond its bound from "), ended.out);
  BOOST_TEST(holds(ended.out, "two runs of the scenario: 'symptom' and 'remedy'"), ended.out);
}

BOOST_AUTO_TEST_CASE(the_default_fits_a_screen_and_all_shows_every_series) {
  const Ended brief = compare("symptom.seed1", "remedy.seed1");
  const Ended all = run_program(
      {"compare", "--all", "out/T-1.symptom.seed1.db", "out/T-1.remedy.seed1.db"}, here);
  BOOST_TEST(all.exit_code == 1);
  BOOST_TEST(std::count(brief.out.begin(), brief.out.end(), '\n') <= 50);
  BOOST_TEST(holds(all.out, "link_drops(b1)"), all.out);
  BOOST_TEST(!holds(brief.out, "link_drops(b1)"), brief.out);
}

BOOST_AUTO_TEST_CASE(a_run_as_live_with_settings_is_held_to_the_expectations_it_was_run_with) {
  const std::string live = R"(live:
  runs: {symptom: {}}
  set: {hosts.c1.time_wait: 60s}
  expect:
    symptom:
      - {measure: requests(burst), stat: total, about: 80, tolerance: 5%}
)";
  const std::string file = folder.write("T-2.elb.yaml", small_scenario("T-2") + live);
  const Ended ran =
      run_program({"run", file, "--as-live", "--set", "workload.burst.for=2s", "--quiet"}, here);
  BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.out << ran.err);
  const Ended ended = run_program(
      {"compare", "out/T-2.symptom.seed1.as-live.db", "out/T-2.symptom.seed2.as-live.db"}, here);
  BOOST_TEST(ended.exit_code == 0, ended.out << ended.err);
  BOOST_TEST(holds(ended.out, "requests(burst)"), ended.out);
  BOOST_TEST(!holds(ended.out, "FAILED"), ended.out);
}

BOOST_AUTO_TEST_CASE(a_tolerance_wide_enough_makes_them_equivalent) {
  // Seeds 1 and 2 differ in nothing that counts; a tolerance of nothing leaves a handful.
  const Ended ended = run_program(
      {"compare", "--tolerance", "50%", "out/T-1.symptom.seed1.db", "out/T-1.symptom.seed2.db"},
      here);
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "50 %"), ended.out);
}

BOOST_AUTO_TEST_CASE(bad_input_is_one_message_and_exit_code_2) {
  folder.write("out/T-1.text.db", "no trace\n");
  for (const auto& [a, b] : {std::pair{"symptom.seed1", "missing"}, {"text", "symptom.seed1"}}) {
    const Ended ended = compare(a, b);
    BOOST_TEST(ended.exit_code == 2);
    BOOST_TEST(holds(ended.err, "cannot read"), ended.err);
    BOOST_TEST(ended.out == "");
  }
  for (const char* tolerance : {"5", "-1%", "x%", "101%", "nan%"}) {
    const Ended ended = run_program({"compare", "--tolerance", tolerance,
                                     "out/T-1.symptom.seed1.db", "out/T-1.symptom.seed2.db"},
                                    here);
    BOOST_TEST(ended.exit_code == 2, tolerance);
    BOOST_TEST(holds(ended.err, "tolerance"), ended.err);
  }
}

BOOST_AUTO_TEST_CASE(traces_of_two_scenarios_are_bad_input) {
  const std::string other = folder.write("T-2.elb.yaml", small_scenario("T-2"));
  BOOST_REQUIRE(run_program({"run", other, "--run", "remedy", "--seeds", "1"}, here).exit_code ==
                0);
  const Ended ended =
      run_program({"compare", "out/T-1.remedy.seed1.db", "out/T-2.remedy.seed1.db"}, here);
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "two scenarios, T-1 and T-2"), ended.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
