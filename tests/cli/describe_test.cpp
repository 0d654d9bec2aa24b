// elblab list, show, validate, schema, --help and --version, from outside.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {"ELBLAB_SCENARIOS=mine"}};
  Fixture() {
    std::filesystem::create_directories(folder.path() / "mine/area");
    folder.write("mine/area/T-1.elb.yaml", small_scenario("T-1"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(describe, Fixture)

BOOST_AUTO_TEST_CASE(list_as_json_names_every_scenario_with_its_runs_and_rows) {
  const Ended ended = run_program({"list", "--format", "json"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  const auto list = nlohmann::json::parse(ended.out);
  BOOST_REQUIRE(list.is_array());
  const auto& first = list.at(0);  // areas in order of name: "area" is before the shipped ones
  BOOST_CHECK_EQUAL(first.at("id"), "T-1");
  BOOST_CHECK_EQUAL(first.at("area"), "area");
  BOOST_CHECK(first.at("runs") == (nlohmann::json{"symptom", "remedy"}));
  BOOST_CHECK(first.at("exercises") == (nlohmann::json{"BW-07"}));
  BOOST_CHECK(first.at("seeds") == (nlohmann::json{1, 2}));
}

BOOST_AUTO_TEST_CASE(list_shows_the_scenarios_beside_the_program_too) {
  const Ended ended = run_program({"list"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  BOOST_CHECK(holds(ended.out, "T-1"));
  BOOST_CHECK(holds(ended.out, "TW-01"));
}

BOOST_AUTO_TEST_CASE(list_shows_the_rest_when_one_file_is_broken) {
  folder.write("mine/area/T-2.elb.yaml", "scenario: [");
  const Ended ended = run_program({"list"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 2);
  BOOST_CHECK(holds(ended.err, "T-2.elb.yaml"));
  BOOST_CHECK(holds(ended.out, "T-1"));
}

BOOST_AUTO_TEST_CASE(ids_and_areas_are_found_whatever_their_case) {
  BOOST_CHECK(holds(run_program({"show", "t-1"}, here).out, "One client exhausts its ports"));
  BOOST_CHECK(holds(run_program({"show", "AREA"}, here).out, "One client exhausts its ports"));
}

BOOST_AUTO_TEST_CASE(the_effective_scenario_can_be_run_and_means_the_same) {
  const Ended shown = run_program({"show", "T-1", "--run", "symptom", "--effective"}, here);
  BOOST_CHECK_EQUAL(shown.exit_code, 0);
  BOOST_CHECK(holds(shown.out, "net.ipv4.tcp_fin_timeout: 60"));  // a default
  const std::string copy = folder.write("copy.elb.yaml", shown.out);
  const Ended again = run_program({"show", copy, "--effective"}, here);
  BOOST_CHECK_EQUAL(again.exit_code, 0);
  // But for the remark of which run it was.
  const auto body = [](const std::string& text) { return text.substr(text.find("scenario:")); };
  BOOST_CHECK_EQUAL(body(again.out), body(shown.out));
}

BOOST_AUTO_TEST_CASE(every_shipped_scenario_is_valid) {
  const Ended ended = run_program({"validate", ELBLAB_SOURCE_DIR "/scenarios"}, here);
  BOOST_CHECK_MESSAGE(ended.exit_code == 0, ended.err);
  BOOST_CHECK(holds(ended.out, "TW-01.elb.yaml: 2 runs"));
}

BOOST_AUTO_TEST_CASE(the_schema_is_json) {
  const Ended ended = run_program({"schema"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  BOOST_CHECK(nlohmann::json::parse(ended.out).contains("$schema"));
}

BOOST_AUTO_TEST_CASE(help_teaches_with_examples_and_exit_codes) {
  const Ended ended = run_program({"--help"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  BOOST_CHECK(holds(ended.out, "elblab run TW-01"));
  BOOST_CHECK(holds(ended.out, "Exit codes:"));
  BOOST_CHECK_EQUAL(run_program({"run", "--help"}, here).exit_code, 0);
  BOOST_CHECK_EQUAL(run_program({}, here).exit_code, 2);
}

BOOST_AUTO_TEST_CASE(version_names_the_program_and_the_simulator) {
  const Ended ended = run_program({"--version"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  BOOST_CHECK(holds(ended.out, "elblab 0."));
  BOOST_CHECK(holds(ended.out, "ns-3."));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
