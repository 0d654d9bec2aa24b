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

nlohmann::json entry_of(const nlohmann::json& list, const std::string& id) {
  for (const auto& entry : list) {
    if (entry.at("id") == id) return entry;
  }
  BOOST_FAIL("not listed: " + id);
  return {};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(describe, Fixture)

BOOST_AUTO_TEST_CASE(list_as_json_names_every_scenario_with_its_runs_and_rows) {
  const Ended ended = run_program({"list", "--format", "json"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  const auto list = nlohmann::json::parse(ended.out);
  BOOST_REQUIRE(list.is_array());
  const auto& first = entry_of(list, "T-1");
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

// A NAT box stands where its outer addresses are; what is behind it is drawn for itself.
BOOST_AUTO_TEST_CASE(show_draws_nat_boxes_and_what_stands_behind_them) {
  const Ended shown =
      run_program({"show", ELBLAB_SOURCE_DIR "/scenarios/network/NET-02.elb.yaml"}, here);
  BOOST_CHECK_EQUAL(shown.exit_code, 0);
  for (const char* part : {"home", "NAT", "203.0.113.2", "ports 1024-2047, random", "behind home",
                           "h[1..3]", "100.64.0.1 … 100.64.0.3", "core ── behind home",
                           "office ── behind desk", "ports 2048-4095, preserve"}) {
    BOOST_CHECK_MESSAGE(holds(shown.out, part), part);
  }
}

BOOST_AUTO_TEST_CASE(the_live_variant_is_marked_shown_and_simulated) {
  folder.write("mine/area/T-2.elb.yaml",
               small_scenario("T-2") +
                   "live:\n  runs: {symptom: {}}\n  set:\n    hosts.c1.time_wait: 60s\n"
                   "    workload.burst.for: 3s\n  expect:\n    symptom:\n"
                   "      - {measure: connected(c1), stat: total, equals: 20}\n");
  const auto list = nlohmann::json::parse(run_program({"list", "--format", "json"}, here).out);
  BOOST_CHECK(entry_of(list, "T-1").at("live_runs") == nlohmann::json::array());
  BOOST_CHECK(entry_of(list, "T-2").at("live_runs") == (nlohmann::json{"symptom"}));
  BOOST_CHECK(holds(run_program({"validate", "T-2"}, here).out, "2 runs (1 live)"));
  const Ended shown = run_program({"show", "T-2", "--as-live"}, here);
  BOOST_CHECK(holds(shown.out, "3 s simulated"));
  BOOST_CHECK(holds(shown.out, "expects connected(c1): 20"));
  BOOST_CHECK(!holds(shown.out, "remedy  "));
  const Ended run = run_program({"run", "T-2", "--as-live", "--out", "traces"}, here);
  BOOST_CHECK_MESSAGE(run.exit_code == 0, run.out + run.err);
  BOOST_CHECK(std::filesystem::exists(folder.path() / "traces/T-2.symptom.seed1.as-live.db"));
  const Ended without = run_program({"run", "T-1", "--as-live", "--out", "traces"}, here);
  BOOST_CHECK(holds(without.err, "T-1: no live section, so it is run as written"));
}

BOOST_AUTO_TEST_CASE(a_balancer_file_is_validated_and_not_run) {
  const std::string text =
      "balancer:\n  listeners: {web: {protocol: tcp, port: 80, group: app}}\n"
      "  groups: {app: {servers: {\"b[1..2]\": {address: 10.0.1.1-10.0.1.2, port: 90}}}}\n";
  const std::string file = folder.write("lb.yaml", text);
  const Ended right = run_program({"validate", file, "T-1"}, here);
  BOOST_CHECK_EQUAL(right.exit_code, 0);
  BOOST_CHECK(holds(right.out, "lb.yaml: a balancer file, 1 listener, 1 group, 2 servers"));
  BOOST_CHECK(holds(right.out, "T-1.elb.yaml: 2 runs"));
  const Ended wrong =
      run_program({"validate", folder.write("bad.yaml", with(text, "90", "0"))}, here);
  BOOST_CHECK_EQUAL(wrong.exit_code, 2);
  BOOST_CHECK(holds(wrong.err, "bad.yaml:3:74: 0 is out of range"));
  BOOST_CHECK(holds(run_program({"run", file}, here).err, "this is a balancer file"));
}

BOOST_AUTO_TEST_CASE(the_schemas_are_json) {
  const std::vector<std::vector<std::string>> calls{{"schema"}, {"schema", "--balancer"}};
  for (const auto& call : calls) {
    const Ended ended = run_program(call, here);
    BOOST_CHECK_EQUAL(ended.exit_code, 0);
    BOOST_CHECK(nlohmann::json::parse(ended.out).contains("$schema"));
  }
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
