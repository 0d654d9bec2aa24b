// elblab run, from outside: verdicts, exit codes, files left behind.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"
#include "tests/must.hpp"

namespace elblab::test {
namespace {

namespace fs = std::filesystem;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Boost.PropertyTree is not installed with Boost.Test; xmllint and Python are independent readers
// of XML, one of which every development machine has.
int check_xml(const fs::path& file) {
  const std::string command = "xmllint --noout '" + file.string() +
                              "' 2>/dev/null || python3 -c \"import sys, "
                              "xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])\" '" +
                              file.string() + "'";
  return std::system(command.c_str());
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  std::string file = folder.write("T-1.elb.yaml", small_scenario("T-1"));
  fs::path out = folder.path() / "out";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(run, Fixture)

BOOST_AUTO_TEST_CASE(a_scenario_that_holds_says_so_and_leaves_a_trace_per_run_and_seed) {
  const Ended ended = run_program({"run", file}, here);
  BOOST_CHECK_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  BOOST_CHECK(holds(ended.out, "holds: 2 runs × 2 seeds, 3 expectations"));
  BOOST_CHECK(holds(ended.out, "The peak was 20."));
  for (const char* name : {"symptom.seed1", "symptom.seed2", "remedy.seed1", "remedy.seed2"}) {
    const auto reader = must(trace::Reader::open(out / ("T-1." + std::string(name) + ".db")));
    BOOST_CHECK(reader->complete());
    BOOST_CHECK_EQUAL(reader->metadata().scenario, "T-1");
  }
}

BOOST_AUTO_TEST_CASE(a_failing_expectation_shows_both_figures_and_gives_1) {
  file = folder.write("T-1.elb.yaml", with(small_scenario("T-1"), "[19, 20]", "[7, 9]"));
  const Ended ended = run_program({"run", file, "--seed", "5"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 1);
  BOOST_CHECK(holds(ended.out, "FAILED: 1 of 3 expectations"));
  BOOST_CHECK(holds(ended.out, "peak 20"));
  BOOST_CHECK(holds(ended.out, "expected 7 … 9"));
  BOOST_CHECK(fs::exists(out / "T-1.symptom.seed5.db"));
  BOOST_CHECK(!holds(ended.out, "The peak was"));  // an explanation of what did not happen
}

BOOST_AUTO_TEST_CASE(set_changes_the_scenario) {
  // Fewer connections than ports: nothing is refused any more, so the symptom must fail.
  const Ended ended = run_program({"run", file, "--run", "symptom", "--seeds", "1", "--set",
                                   "workload.burst.short_connections=10/s"},
                                  here);
  BOOST_CHECK_EQUAL(ended.exit_code, 1);
  BOOST_CHECK(holds(ended.out, "FAILED: 2 of 2 expectations (1 run)"));
}

BOOST_AUTO_TEST_CASE(curves_are_drawn_beside_the_expectations) {
  file = folder.write("T-1.elb.yaml",
                      "curves: [established(c1), packets_in(b1)]\n" + small_scenario("T-1"));
  const Ended ended = run_program({"run", file, "--run", "remedy", "--seeds", "1"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  BOOST_CHECK(holds(ended.out, "established(c1)"));
  BOOST_CHECK(holds(ended.out, "packets_in(b1)"));
}

BOOST_AUTO_TEST_CASE(set_needs_to_fit_the_chosen_run_only) {
  // Only the run with persistent connections has a rate of requests to set.
  file = folder.write(
      "T-1.elb.yaml",
      with(small_scenario("T-1"), "  remedy: {set: {workload.burst.short_connections: 10/s}}",
           "  remedy: {set: {workload.burst.persistent: 2, workload.burst.requests: 5/s}}"));
  const std::vector<std::string> set = {"--seeds", "1", "--set", "workload.burst.requests=7/s"};
  std::vector<std::string> remedy = {"run", file, "--run", "remedy"};
  remedy.insert(remedy.end(), set.begin(), set.end());
  std::vector<std::string> symptom = {"run", file, "--run", "symptom"};
  symptom.insert(symptom.end(), set.begin(), set.end());
  BOOST_CHECK_EQUAL(run_program(remedy, here).exit_code, 0);
  BOOST_CHECK_EQUAL(run_program(symptom, here).exit_code, 2);
}

BOOST_AUTO_TEST_CASE(a_run_judged_relative_to_another_brings_it_along) {
  file = folder.write("T-1.elb.yaml",
                      with(small_scenario("T-1"), "  remedy:\n    - {",
                           "  remedy:\n    - {measure: opened(c1), stat: total, relative_to: "
                           "symptom, below: 1}\n    - {"));
  const Ended ended = run_program({"run", file, "--run", "remedy"}, here);
  BOOST_CHECK_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  BOOST_CHECK(holds(ended.err, "also running symptom"));
  BOOST_CHECK(fs::exists(out / "T-1.symptom.seed1.db"));
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_traces_over_both_schedulers) {
  const Ended ended = run_program({"run", file, "--check-determinism"}, here);
  BOOST_CHECK_MESSAGE(ended.exit_code == 0, ended.out << ended.err);
  BOOST_CHECK(holds(ended.out, "reproducible: 8 repetitions equal"));
  std::size_t traces = 0;
  for (const auto& entry : fs::directory_iterator(out)) traces += entry.path().extension() == ".db";
  BOOST_CHECK_EQUAL(traces, 4);  // the repetitions are gone
}

BOOST_AUTO_TEST_CASE(the_number_of_runs_at_a_time_changes_nothing) {
  const auto digests = [&](const std::string& jobs) {
    run_program({"run", file, "--jobs", jobs, "--out", "jobs" + jobs}, here);
    std::vector<std::uint64_t> all;
    for (const char* name : {"symptom.seed1", "symptom.seed2", "remedy.seed1", "remedy.seed2"}) {
      const auto path = folder.path() / ("jobs" + jobs) / ("T-1." + std::string(name) + ".db");
      all.push_back(must(trace::Reader::open(path))->digest());
    }
    return all;
  };
  const auto one = digests("1");
  const auto four = digests("4");
  BOOST_CHECK_EQUAL_COLLECTIONS(one.begin(), one.end(), four.begin(), four.end());
  BOOST_CHECK_NE(one[0], one[1]);  // another seed is another trace
}

BOOST_AUTO_TEST_CASE(junit_is_well_formed_and_counts_every_case) {
  file = folder.write("T-1.elb.yaml", with(small_scenario("T-1"), "[19, 20]", "[7, 9]"));
  run_program({"run", file, "--junit", "report.xml"}, here);
  BOOST_CHECK_EQUAL(check_xml(folder.path() / "report.xml"), 0);
  const std::string xml = text_of(folder.path() / "report.xml");
  // 2 runs × 2 seeds, and (2 + 1 expectations) × 2 seeds; one expectation fails in both seeds
  BOOST_CHECK(holds(xml, "<testsuite name=\"T-1\" tests=\"10\" failures=\"2\" errors=\"0\""));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_made_gives_4) {
  folder.write("taken", "a file");
  const Ended ended = run_program({"run", file, "--out", "taken/out"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 4);
  BOOST_CHECK(holds(ended.err, "taken/out"));
}

BOOST_AUTO_TEST_CASE(a_trace_that_cannot_be_written_gives_4_and_the_others_go_on) {
  // Where the trace of one run should be stands a folder.
  fs::create_directories(out / "T-1.symptom.seed1.db");
  const Ended ended = run_program({"run", file, "--junit", "report.xml"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 4);
  BOOST_CHECK(holds(ended.out, "T-1.symptom.seed1.db"));
  BOOST_CHECK(holds(ended.out, "COULD NOT RUN: 1 problem"));
  BOOST_CHECK(fs::is_regular_file(out / "T-1.remedy.seed2.db"));
  BOOST_CHECK(holds(text_of(folder.path() / "report.xml"), "errors=\"1\""));
}

BOOST_AUTO_TEST_CASE(a_disk_that_fills_up_gives_4_with_a_message) {
  here.most_file_bytes = 20'000;
  const Ended ended = run_program({"run", file, "--seeds", "1"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 4);
  BOOST_CHECK_MESSAGE(holds(ended.out, "COULD NOT RUN"), ended.out << ended.err);
  BOOST_CHECK_MESSAGE(holds(ended.out, "T-1.symptom.seed1.db"), ended.out);
}

BOOST_AUTO_TEST_CASE(interrupt_stops_the_runs_and_says_what_is_left) {
  // An hour at 1000 connections per second takes minutes: it is still going when it hears of it.
  Program program({"run", file, "--jobs", "1", "--set", "workload.burst.for=3600s", "--set",
                   "workload.burst.short_connections=1000/s", "--set",
                   "hosts.c1.sysctl.net.ipv4.ip_local_port_range=1024 60999"},
                  here);
  BOOST_REQUIRE(program.wait_for_error_text("symptom seed 1  started"));
  program.send_signal(SIGINT);
  const Ended ended = program.wait();
  BOOST_CHECK_EQUAL(ended.exit_code, 130);
  BOOST_CHECK_MESSAGE(
      holds(ended.err,
            "stopped: 0 runs finished, 1 stopped midway (traces marked incomplete), 3 not started"),
      ended.err);
  BOOST_CHECK(!fs::exists(out / "T-1.remedy.seed1.db"));
}

BOOST_AUTO_TEST_CASE(quiet_leaves_only_the_verdict) {
  const Ended ended = run_program({"run", file, "--quiet"}, here);
  BOOST_CHECK_EQUAL(ended.err, "");
  BOOST_CHECK_EQUAL(std::count(ended.out.begin(), ended.out.end(), '\n'), 2);
}

BOOST_AUTO_TEST_CASE(several_scenarios_are_summed_up) {
  const std::string other = folder.write("T-2.elb.yaml", small_scenario("T-2"));
  folder.write("T-1.elb.yaml", with(small_scenario("T-1"), "[19, 20]", "[7, 9]"));
  const Ended ended = run_program({"run", folder.path().string(), "--seeds", "1"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 1);
  BOOST_CHECK(holds(ended.out, "2 scenarios: 1 hold, 1 does not: T-1"));
}

BOOST_AUTO_TEST_CASE(pcap_leaves_a_capture_per_host) {
  const Ended ended = run_program({"run", file, "--pcap", "--seeds", "1"}, here);
  BOOST_CHECK_EQUAL(ended.exit_code, 0);
  for (const char* host : {"c1", "b1"}) {
    BOOST_CHECK_GT(text_of(out / "T-1.symptom.seed1.pcap" / (std::string(host) + ".pcap")).size(),
                   10'000U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
