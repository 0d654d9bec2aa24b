// The live variant: what the live section changes, in which order, and what it must not ask for.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/language/describe.hpp"
#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::describe;
using testing::kExample;
using testing::kLive;
using testing::with;

Scenario live(const std::string& text, const std::string& run,
              const std::vector<Override>& overrides = {}) {
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
  auto decoded = loaded.file->decode(run, overrides, Variant::live);
  BOOST_REQUIRE_MESSAGE(decoded.scenario, testing::all(decoded.errors));
  return *decoded.scenario;
}

double rate(const Scenario& scenario) { return scenario.workloads[0].parameters.rate_per_second; }

const std::string kWithLive = kExample + kLive;

BOOST_AUTO_TEST_SUITE(live_variant)

BOOST_AUTO_TEST_CASE(without_a_live_section_both_variants_are_the_same) {
  const auto loaded = ScenarioFile::parse(kExample, "x.yaml");
  BOOST_TEST(loaded.file->live_runs().empty());
  for (const std::string& run : loaded.file->runs()) {
    const Scenario written = *loaded.file->decode(run).scenario;
    const Scenario changed = *loaded.file->decode(run, {}, Variant::live).scenario;
    BOOST_TEST(describe(written) == describe(changed));
    BOOST_TEST((written.variant == Variant::as_written));
    BOOST_TEST((changed.variant == Variant::live));
    BOOST_TEST(changed.agreement_tolerance == 0.05);
  }
}

BOOST_AUTO_TEST_CASE(the_file_as_written_knows_nothing_of_its_live_section) {
  for (const std::string run : {"symptom", "remedy"}) {
    BOOST_TEST(describe(testing::decoded(kExample, run)) ==
               describe(testing::decoded(kWithLive, run)));
  }
}

BOOST_AUTO_TEST_CASE(later_layers_win_base_run_live_run_of_live_command_line) {
  BOOST_TEST(rate(live(kWithLive, "symptom")) == 33.3);
  BOOST_TEST(rate(live(kWithLive, "remedy")) == 13.3);
  const std::vector<Override> given{{"workload.burst.short_connections", "1/s"}};
  BOOST_TEST(rate(live(kWithLive, "remedy", given)) == 1.0);
  // What no later layer names stays as the run set it.
  const std::string hold =
      with(kWithLive, "remedy:  {set: {", "remedy:  {set: {workload.burst.hold: 7ms, ");
  BOOST_TEST((live(hold, "remedy").workloads[0].parameters.hold == 7ms));
  BOOST_TEST((live(hold, "symptom").workloads[0].parameters.hold == 0ms));
}

BOOST_AUTO_TEST_CASE(settings_reach_hosts_and_the_length_of_the_run) {
  const Scenario scenario = live(kWithLive, "symptom");
  BOOST_TEST(scenario.hosts[0].sysctls.ip_local_port_range_high == 33767);
  BOOST_TEST((scenario.duration == 125s));
  BOOST_TEST(scenario.agreement_tolerance == 0.03);
}

BOOST_AUTO_TEST_CASE(its_expectations_replace_those_of_the_file) {
  const Scenario scenario = live(kWithLive, "symptom");
  BOOST_REQUIRE_EQUAL(scenario.expectations.size(), 2u);
  BOOST_TEST(scenario.expectations[0].expected_text == "950 … 1,000");
  BOOST_TEST(scenario.expectations[1].measure.to_string() == "failed(c1)");
  // Where they stand: in the live section.
  BOOST_TEST(scenario.expectations[0].line == 49);
  const std::string none =
      with(kExample, "window: 60s, about", "about") + "live: {set: {workload.burst.for: 50s}}\n";
  BOOST_TEST(live(none, "symptom").expectations.size() == 4u);
}

BOOST_AUTO_TEST_CASE(only_the_runs_it_names_are_run_live) {
  const std::string one = with(kWithLive, "    symptom: {}\n", "");
  const auto loaded = ScenarioFile::parse(with(one, "    symptom:\n      - {measure: time_wait",
                                               "    remedy:\n      - {measure: time_wait"),
                                          "x.yaml");
  BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
  BOOST_TEST(loaded.file->live_runs() == std::vector<std::string>{"remedy"},
             boost::test_tools::per_element());
  BOOST_TEST(testing::all(loaded.file->decode("symptom", {}, Variant::live).errors) ==
             "x.yaml: run 'symptom' is not run live; those are: remedy");
  BOOST_TEST(loaded.file->decode("symptom").scenario.has_value());
  const auto every = ScenarioFile::parse(kExample + "live: {}\n", "x.yaml");
  BOOST_TEST(every.file->live_runs() == every.file->runs(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_effective_scenario_spells_one_variant_out) {
  for (const std::string run : {"symptom", "remedy"}) {
    const Scenario scenario = live(kWithLive, run);
    BOOST_TEST(scenario.effective_yaml.starts_with("# Run " + run + ", as it is run live,"));
    BOOST_TEST(scenario.effective_yaml.find("\nlive:") == std::string::npos);
    BOOST_TEST(describe(scenario) == describe(testing::decoded(scenario.effective_yaml, run)));
  }
}

BOOST_AUTO_TEST_CASE(each_mistake_in_it_is_found_when_the_file_is_loaded) {
  struct Row {
    std::string from, to, first_line;
  };
  for (const Row& row : std::vector<Row>{
           {"    symptom: {}\n", "    sympton: {}\n", "41:5: there is no run named 'sympton'"},
           {"set: {hosts.c1.sysctl", "st: {hosts.c1.sysctl", "43:3: unknown key 'st' in live"},
           {"hosts.c1.sysctl.net", "hosts.c2.sysctl.net",
            "43:9: unknown path 'hosts.c2.sysctl.net.ipv4.ip_local_port_range': hosts has no 'c2'"},
           {"short_connections: 13.3/s", "short_connections: 13.3",
            "42:55: '13.3' needs a unit: a number per second such as 940/s"},
           {"for: 125s", "for: 125",
            "45:25: '125' needs a unit: a duration such as 30s, 200ms, 200us, 5min or 1h"},
           {"within: [950, 1000]", "within: [950]",
            "49:53: 'within' needs two values: [low, high]"},
           {"measure: failed(c1)", "measure: faild(c1)", "51:19: unknown measure 'faild'"},
           {"    all:\n      - {measure: failed", "    each:\n      - {measure: failed",
            "50:5: there is no run named 'each'"},
           {"    symptom: {}\n", "", "47:5: run 'symptom' is not run live: live.runs names remedy"},
           {"stat: max, within: [950, 1000]", "relative_to: symptm, above: 1",
            "49:47: there is no run named 'symptm'"},
           {"tolerance: 3%", "tolerance: 3", "46:14: 3 is out of range: allowed are 0% … 100%"},
           {"workload.burst.for: 125s", "hosts.b1.time_wait: 10s",
            "45:25: host b1 cannot be run live: a kernel keeps TIME_WAIT for 60 s; set "
            "hosts.b1.time_wait: 60s in the live section, and scale "
            "net.ipv4.ip_local_port_range instead"},
           {"workload.burst.for: 125s", "hosts.b1.stack: ns3",
            "45:21: host b1 cannot be run live: its TCP is that of ns-3; set hosts.b1.stack: model "
            "in the live section"},
           {"workload.burst.for: 125s", "live.tolerance: 1%",
            "45:5: 'live' belongs to the whole scenario and cannot be set"}}) {
    const std::string answer = testing::errors_of(with(kWithLive, row.from, row.to));
    BOOST_TEST_CONTEXT(row.to) {
      BOOST_TEST(answer.substr(0, answer.find('\n')) == "x.yaml:" + row.first_line);
    }
  }
  // A run that is not run live cannot be what a live run is compared with.
  const std::string compared =
      with(with(kWithLive, "    symptom: {}\n", ""),
           "    symptom:\n      - {measure: time_wait(c1), "
           "stat: max, within: [950, 1000]}",
           "    remedy:\n      - {measure: opened(c1), relative_to: symptom, below: 1}");
  BOOST_TEST(testing::errors_of(compared).starts_with(
                 "x.yaml:48:44: run 'symptom' is not run live: live.runs names remedy"),
             testing::errors_of(compared));
}

// A live run takes as long as it says, on a machine that others use too.
BOOST_AUTO_TEST_CASE(the_shipped_live_runs_are_short_and_small) {
  constexpr double kMostConnectionsPerSecond = 110;
  std::size_t seen = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(ELBLAB_SOURCE_DIR) / "scenarios")) {
    if (!entry.path().string().ends_with(".elb.yaml")) continue;
    const auto loaded = ScenarioFile::load(entry.path());
    BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
    for (const std::string& run : loaded.file->live_runs()) {
      const Scenario scenario = *loaded.file->decode(run, {}, Variant::live).scenario;
      double per_second = 0;
      for (const WorkloadSpec& workload : scenario.workloads) {
        per_second += workload.parameters.rate_per_second;
      }
      BOOST_TEST_CONTEXT(scenario.id << " " << run) {
        BOOST_TEST((scenario.duration <= 130s));
        BOOST_TEST(scenario.hosts.size() <= 6u);
        BOOST_TEST(per_second <= kMostConnectionsPerSecond);
        BOOST_TEST(!scenario.expectations.empty());
      }
      ++seen;
    }
  }
  BOOST_TEST(seen >= 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
