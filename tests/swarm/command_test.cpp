// elblab swarm, from outside.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};

  Ended swarm(std::vector<std::string> words) {
    words.insert(words.begin(), "swarm");
    return run_program(words, here);
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(folder.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

BOOST_FIXTURE_TEST_SUITE(swarm_command, Fixture)

BOOST_AUTO_TEST_CASE(worlds_are_tried_and_told_of) {
  const Ended ended = swarm({"--worlds", "6", "--repeat-every", "3", "--out", "found", "--json",
                             "found.json", "--junit", "found.xml"});
  BOOST_TEST(ended.exit_code == 0, ended.out + ended.err);
  BOOST_TEST(holds(ended.out, "6 worlds, 2 of them three times, 0 live too"), ended.out);
  BOOST_TEST(holds(ended.out, "no finding"), ended.out);
  const auto json = nlohmann::json::parse(text_of("found.json"));
  BOOST_TEST(json.at("worlds") == 6);
  BOOST_TEST(json.at("findings").empty());
  BOOST_TEST(holds(text_of("found.xml"), "tests=\"1\" failures=\"0\""));
}

BOOST_AUTO_TEST_CASE(a_swarm_goes_on_where_it_was_left) {
  const std::vector<std::string> four{"--worlds", "4", "--out", "found", "--quiet"};
  BOOST_TEST(swarm(four).exit_code == 0);
  const std::string whole = text_of("found/swarm.csv");
  // As if it had been killed while it wrote its last line.
  std::ofstream(folder.path() / "found/swarm.csv", std::ios::binary)
      << whole.substr(0, whole.size() - 5);
  const Ended again = swarm(four);
  BOOST_TEST(again.exit_code == 0);
  BOOST_TEST(holds(again.out, "\n1 worlds in "), again.out);
  BOOST_TEST(text_of("found/swarm.csv") == whole);
}

BOOST_AUTO_TEST_CASE(a_world_is_shown_and_can_be_run) {
  const Ended shown = swarm({"--show", "17"});
  BOOST_TEST(shown.exit_code == 0);
  BOOST_TEST(holds(shown.out, "scenario: swarm-17"), shown.out);
  const std::string file = folder.write("world.elb.yaml", shown.out);
  BOOST_TEST(run_program({"validate", file}, here).exit_code == 0);
  BOOST_TEST(swarm({"--show", "17"}).out == shown.out);
}

BOOST_AUTO_TEST_CASE(a_users_own_scenario_is_held_against_the_laws) {
  const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
  const Ended ended = swarm({file});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "T-1.elb.yaml  ok, "), ended.out);
}

BOOST_AUTO_TEST_CASE(what_is_no_scenario_is_refused_and_breaks_no_law) {
  const std::string file = folder.write("bad.elb.yaml", "scenario: [\n");
  const Ended ended = swarm({file});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "bad.elb.yaml  refused: "), ended.out);
  BOOST_TEST(swarm({"nothing.elb.yaml"}).exit_code == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::test
