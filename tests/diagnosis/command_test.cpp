// elblab diagnose, from outside: what it prints, its exit codes, captures, and traces in every
// state.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "analysis/trace/writer.hpp"
#include "tests/cli/bad_traces.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::test {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t columns_of_line(const std::string& line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return columns;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// small_scenario(): 20 client ports, both runs, one seed; with captures.
struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  Ended ran;

  Fixture() {
    const std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
    ran = run_program({"run", file, "--seeds", "1", "--pcap"}, here);
    BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.out << ran.err);
  }

  Ended diagnose(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "diagnose");
    return run_program(arguments, here);
  }
};

constexpr const char* kSymptom = "out/T-1.symptom.seed1.db";
constexpr const char* kRemedy = "out/T-1.remedy.seed1.db";
constexpr const char* kCapture = "out/T-1.symptom.seed1.pcap/balancer.in.pcap";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(diagnose_command, Fixture)

BOOST_AUTO_TEST_CASE(a_run_ends_with_its_diagnosis_unless_told_not_to) {
  BOOST_TEST(holds(ran.out, "cause  client ports exhausted by TIME_WAIT (certain)"), ran.out);
  BOOST_TEST(holds(ran.out, "→ reuse connections"), ran.out);
  const Ended without =
      run_program({"run", "T-1.elb.yaml", "--seeds", "1", "--no-diagnosis"}, here);
  BOOST_TEST(without.exit_code == 0);
  BOOST_TEST(!holds(without.out, "cause  "), without.out);
}

BOOST_AUTO_TEST_CASE(a_failed_run_is_an_argument_and_exit_code_1) {
  const Ended ended = diagnose({kSymptom});
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(holds(ended.out, "refused on the client (no free port)"), ended.out);
  BOOST_TEST(holds(ended.out, "1  client ports exhausted by TIME_WAIT"), ended.out);
  BOOST_TEST(holds(ended.out, "█"), ended.out);
  BOOST_TEST(holds(ended.out, "BW-07, BW-10, DIAG-12"), ended.out);
  BOOST_TEST(holds(ended.out, "ruled out"), ended.out);
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) {
    BOOST_TEST(columns_of_line(line) <= 100U, line);
  }
}

BOOST_AUTO_TEST_CASE(a_healthy_run_is_exit_code_0) {
  const Ended ended = diagnose({kRemedy});
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(holds(ended.out, "nothing wrong"), ended.out);
}

BOOST_AUTO_TEST_CASE(several_traces_are_diagnosed_in_turn_and_one_that_failed_decides) {
  const Ended ended = diagnose({kRemedy, kSymptom});
  BOOST_TEST(ended.exit_code == 1);
  BOOST_TEST(holds(ended.out, "T-1 remedy"), ended.out);
  BOOST_TEST(holds(ended.out, "T-1 symptom"), ended.out);
}

BOOST_AUTO_TEST_CASE(programs_get_it_as_json) {
  const Ended ended = diagnose({"--format", "json", kSymptom, kRemedy});
  BOOST_TEST(ended.exit_code == 1);
  const auto json = nlohmann::json::parse(ended.out);
  BOOST_REQUIRE(json.size() == 2U);
  BOOST_TEST(json[0]["scenario"] == "T-1");
  BOOST_TEST(json[0]["found"][0]["cause"] == "client_ports");
  BOOST_TEST(json[0]["found"][0]["confidence"] == "certain");
  BOOST_TEST(!json[0]["found"][0]["evidence"][0]["connections"].empty());
  BOOST_TEST(json[1]["found"].empty());
  BOOST_TEST(json[1]["verdict"] == "nothing wrong");
}

BOOST_AUTO_TEST_CASE(tickets_get_it_as_markdown) {
  const Ended ended = diagnose({"--format", "md", kSymptom});
  BOOST_TEST(holds(ended.out, "## T-1 symptom"), ended.out);
  BOOST_TEST(holds(ended.out, "### client ports exhausted by TIME\\_WAIT (certain"), ended.out);
}

BOOST_AUTO_TEST_CASE(the_query_it_shows_gives_the_figure_it_claims) {
  const auto json = nlohmann::json::parse(diagnose({"--format", "json", kSymptom}).out);
  const auto& evidence = json[0]["found"][0]["evidence"][0];
  const Ended asked = run_program(
      {"query", kSymptom, evidence["query"].get<std::string>(), "--format", "csv"}, here);
  BOOST_REQUIRE_MESSAGE(asked.exit_code == 0, asked.err);
  const std::string figure = asked.out.substr(asked.out.find('\n') + 1);
  const std::string claimed = std::to_string(std::stol(figure)) + " local connect failures";
  BOOST_TEST(holds(evidence["text"].get<std::string>(), claimed),
             evidence["text"].get<std::string>() << " is not " << figure);
}

BOOST_AUTO_TEST_CASE(a_capture_is_diagnosed_by_way_of_its_replay) {
  const Ended ended = diagnose({kCapture, "--balancer", "T-1.elb.yaml", "--trace", "kept.db"});
  // What the client refused itself is in no capture: what there is went well.
  BOOST_TEST(ended.exit_code == 0, ended.out << ended.err);
  BOOST_TEST(holds(ended.out, "cannot tell"), ended.out);
  BOOST_TEST(holds(ended.out, "server CPU (a capture shows no host)"), ended.out);
  BOOST_TEST(diagnose({"kept.db"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(a_capture_needs_no_balancer) {
  const Ended ended = diagnose({kCapture, "--connections", "list.csv"});
  BOOST_TEST(ended.exit_code == 0, ended.out << ended.err);
  BOOST_TEST(holds(ended.out, "nothing wrong"), ended.out);
  BOOST_TEST(holds(bytes_of(folder.path() / "list.csv"), "protocol,client,server"));
}

BOOST_AUTO_TEST_CASE(two_captures_are_told_together_too) {
  const std::string folder_of_run = "out/T-1.symptom.seed1.pcap/";
  const auto json = nlohmann::json::parse(
      diagnose({"--format", "json", folder_of_run + "c1.pcap", folder_of_run + "b1.pcap"}).out);
  BOOST_REQUIRE(json.size() == 3U);
  BOOST_TEST(json[2]["verdict"] == "nothing wrong between them", json[2].dump());
}

BOOST_AUTO_TEST_CASE(a_trace_is_never_mistaken_for_a_capture_or_overwritten) {
  const std::string before = bytes_of(folder.path() / kSymptom);
  BOOST_TEST(diagnose({kSymptom, "--balancer", "T-1.elb.yaml"}).exit_code == 2);
  BOOST_TEST(diagnose({kCapture, "--balancer", "T-1.elb.yaml", "--trace", kCapture}).exit_code ==
             2);
  BOOST_TEST(bytes_of(folder.path() / kSymptom) == before);
}

BOOST_AUTO_TEST_CASE(no_trace_is_changed) {
  const std::string before = bytes_of(folder.path() / kSymptom);
  diagnose({kSymptom});
  BOOST_TEST(bytes_of(folder.path() / kSymptom) == before);
}

BOOST_AUTO_TEST_CASE(what_is_no_trace_is_said_to_be_none) {
  check_bad_traces(folder, here, {"diagnose"});
}

BOOST_AUTO_TEST_CASE(a_run_that_never_started_shows_nothing_and_says_so) {
  trace::RunMetadata run;
  run.scenario = "T-1";
  run.run = "symptom";
  run.world = "simulation";
  run.sample_interval = std::chrono::seconds(1);
  const auto writer = must(trace::Writer::open(folder.path() / "empty.db", run));
  const Ended ended = diagnose({"empty.db"});
  BOOST_TEST(ended.exit_code == 2);
  BOOST_TEST(holds(ended.err, "ended before its first sample"), ended.err);
  must(writer->finish(kStart));
  const Ended finished = diagnose({"empty.db"});
  BOOST_TEST(finished.exit_code == 2);
  BOOST_TEST(holds(finished.err, "nothing happened in this run"), finished.err);
}

// Of the symptom's client, whose first connections' packets are kept.
BOOST_AUTO_TEST_CASE(why_a_server_was_chosen_is_told_for_a_client) {
  const Ended all = diagnose({kSymptom, "--why", "203.0.113.1"});
  BOOST_TEST(all.exit_code == 0, all.err);
  BOOST_TEST(holds(all.out, "203.0.113.1:"), all.out);
  BOOST_TEST(holds(all.out, " of "), all.out);
  BOOST_TEST(holds(all.out, "its turn: "), all.out);
  const std::size_t arrow = all.out.find(" → ");
  const std::size_t start = all.out.rfind("203.0.113.1:", arrow);
  const Ended one = diagnose({kSymptom, "--why", all.out.substr(start, arrow - start)});
  BOOST_TEST(one.exit_code == 0, one.err);
  BOOST_TEST(std::count(one.out.begin(), one.out.end(), '\n') <
             std::count(all.out.begin(), all.out.end(), '\n'));
  const Ended nobody = diagnose({kSymptom, "--why", "192.0.2.77"});
  BOOST_TEST(nobody.exit_code == 2);
  BOOST_TEST(holds(nobody.err, "no decision for client 192.0.2.77 was kept"), nobody.err);
  BOOST_TEST(holds(nobody.err, "--packets all"), nobody.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
