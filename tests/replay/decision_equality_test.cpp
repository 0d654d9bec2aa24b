// Packets of a simulated run, captured at the balancer and replayed offline, meet the same
// decisions and come out as the same bytes at the same times: one engine, two worlds.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "pcap/replay/replay.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/must.hpp"
#include "tests/sim/run_fixture.hpp"
#include "tests/worlds/filtered_scenario.hpp"
#include "worlds/network.hpp"

namespace elblab::replay {
namespace {

using namespace std::chrono_literals;
using sim::test::TemporaryFolder;

std::vector<char> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A run with a trace and a capture at the balancer, and its replay.
class Twins {
 public:
  explicit Twins(const language::Scenario& scenario, std::uint64_t seed = 1) {
    sim::RunOptions run;
    run.seed = seed;
    run.trace = folder_ / "simulated.db";
    run.pcap_folder = folder_.path();
    const worlds::RunResult simulated = must(sim::run(scenario, run));
    ReplayOptions replay_options;
    replay_options.capture = folder_ / (captured_at(scenario) + ".in.pcap");
    replay_options.balancers = scenario.balancers;
    replay_options.surroundings = scenario;
    replay_options.seed = seed;
    replay_options.routes = worlds::Wiring::of(scenario).routes.front();
    replay_options.return_path = scenario.return_path;
    replay_options.until = kStart + scenario.duration;
    replay_options.trace = folder_ / "replayed.db";
    replay_options.write = folder_ / "replayed.pcap";
    report = must(replay(replay_options));
    BOOST_REQUIRE_EQUAL(report.conservation_problem, "");
    // The simulation counts a packet at each place that it passes.
    if (scenario.places.size() <= 1) BOOST_TEST(report.engine.packets_in == simulated.packets);
  }

  void check_equal() {
    BOOST_TEST(report.packets_sent > 0);
    BOOST_TEST(report.inputs.moved == 0);
    BOOST_TEST(
        (read_file(folder_ / "replayed.pcap") == read_file(folder_ / (captured_ + ".out.pcap"))));
    check_equal_records();
  }

  // Which flows met with which tuple. A replay has no clients' records: a SYN sent again after a
  // reset counts once more there. Returns how many.
  std::size_t check_equal_conflicts() {
    const auto tuples = [&](const char* file) {
      std::set<std::vector<std::string>> met;
      for (const trace::ConflictRow& row : reader_of(folder_ / file)->conflicts()) {
        met.insert(
            {row.client, row.server, row.earlier_destination, row.later_destination, row.scope});
      }
      return met;
    };
    const auto simulated = tuples("simulated.db");
    BOOST_TEST((tuples("replayed.db") == simulated));
    return simulated.size();
  }

  ReplayReport report;

 private:
  static std::unique_ptr<trace::Reader> reader_of(const std::filesystem::path& path) {
    return must(trace::Reader::open(path));
  }
  // Everything that the balancer's nodes recorded, with ids that count only that.
  template <typename Row>
  static std::vector<Row> of_nodes(std::vector<Row> rows) {
    std::erase_if(rows, [](const Row& row) { return row.object.find("lvs") == std::string::npos; });
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].id = i + 1;
    return rows;
  }

  void check_equal_records() {
    constexpr std::size_t kAll = 100'000'000;
    const auto simulated = reader_of(folder_ / "simulated.db");
    const auto replayed = reader_of(folder_ / "replayed.db");
    const auto events = of_nodes(replayed->events(1, kAll));
    BOOST_TEST((events == of_nodes(simulated->events(1, kAll))));
    const auto decides = [](const auto& row) { return row.kind == "scheduler_decision"; };
    BOOST_TEST(std::count_if(events.begin(), events.end(), decides) > 0);
    const auto sessions = of_nodes(replayed->connections(1, kAll));
    BOOST_TEST(!sessions.empty());
    BOOST_TEST((sessions == of_nodes(simulated->connections(1, kAll))));
    BOOST_TEST((replayed->end_of_run() == simulated->end_of_run()));
    BOOST_TEST(replayed->metadata().world == "replay");
  }

  // Of several places, that of the balancers.
  const std::string& captured_at(const language::Scenario& scenario) {
    captured_ = scenario.places.size() > 1 ? "network-" + scenario.places.front().name : "balancer";
    return captured_;
  }

  TemporaryFolder folder_;
  std::string captured_;
};

// The run, its load ending after `load` and the run after `whole`.
void shorten(language::Scenario& scenario, Duration load, Duration whole) {
  for (language::WorkloadSpec& workload : scenario.workloads) {
    workload.parameters.end = std::min(workload.parameters.end, kStart + load);
  }
  scenario.duration = std::min(scenario.duration, whole);
}

std::vector<std::filesystem::path> scenarios_of(const std::string& area) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(ELBLAB_SOURCE_DIR "/scenarios") / area)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decision_equality)

BOOST_AUTO_TEST_CASE(every_time_wait_scenario_replays_to_the_same_bytes_and_decisions) {
  const auto files = scenarios_of("time-wait");
  BOOST_REQUIRE_GE(files.size(), 10u);
  for (const auto& path : files) {
    const auto loaded = language::ScenarioFile::load(path);
    BOOST_REQUIRE(loaded.file);
    for (const std::string& run : loaded.file->runs()) {
      BOOST_TEST_CONTEXT(path.filename().string() << " " << run) {
        auto decoded = loaded.file->decode(run);
        BOOST_REQUIRE(decoded.scenario);
        shorten(*decoded.scenario, 4s, 8s);
        Twins(*decoded.scenario).check_equal();
      }
    }
  }
}

// RPL-02, FTC-S21: several balancers, whose flows may share a tuple towards the server.
BOOST_AUTO_TEST_CASE(every_five_tuple_scenario_replays_to_the_same_bytes_and_conflicts) {
  const auto files = scenarios_of("five-tuple");
  BOOST_REQUIRE_GE(files.size(), 10u);
  std::size_t conflicts = 0;
  for (const auto& path : files) {
    const auto loaded = language::ScenarioFile::load(path);
    BOOST_REQUIRE(loaded.file);
    for (const std::string& run : loaded.file->runs()) {
      BOOST_TEST_CONTEXT(path.filename().string() << " " << run) {
        auto decoded = loaded.file->decode(run);
        BOOST_REQUIRE(decoded.scenario);
        shorten(*decoded.scenario, 9s, 14s);
        Twins twins(*decoded.scenario);
        twins.check_equal();
        conflicts += twins.check_equal_conflicts();
      }
    }
  }
  BOOST_TEST(conflicts > 20u);
}

// What rules refuse in simulation they refuse in a replay, whoever sent it.
BOOST_AUTO_TEST_CASE(holds_where_network_acls_security_groups_and_firewalls_stand_in_the_way) {
  // Behind the balancer, and past it.
  for (const std::string& text :
       {worlds::test::kFilteredServers, worlds::test::kFilteredScenario}) {
    const auto loaded = language::ScenarioFile::parse(text, "filtered.elb.yaml");
    BOOST_REQUIRE(loaded.file);
    auto decoded = loaded.file->decode(loaded.file->runs().front());
    BOOST_REQUIRE(decoded.scenario);
    Twins twins(*decoded.scenario);
    twins.check_equal();
    for (const telemetry::Reason reason :
         {telemetry::Reason::network_acl, telemetry::Reason::security_group,
          telemetry::Reason::host_firewall, telemetry::Reason::access_control}) {
      BOOST_TEST(twins.report.engine.dropped[static_cast<std::size_t>(reason)] >= 20u);
    }
  }
}

BOOST_AUTO_TEST_CASE(holds_in_full_nat_for_other_seeds_and_over_every_kind_of_link) {
  for (const auto kind :
       {language::LinkKind::point_to_point, language::LinkKind::csma, language::LinkKind::pooled}) {
    Twins(sim::test::small_scenario(kind, sim::test::Mode::full_nat), 7).check_equal();
    Twins(sim::test::small_scenario(kind, sim::test::Mode::dnat), 8).check_equal();
  }
}

BOOST_AUTO_TEST_CASE(holds_when_idle_timeouts_end_sessions_with_resets) {
  auto scenario = sim::test::small_scenario(language::LinkKind::pooled, sim::test::Mode::full_nat);
  scenario.balancers.front().listeners.front().idle_timeout = 1s;
  sim::test::burst(scenario).hold = 2s;
  Twins twins(scenario);
  twins.check_equal();
  BOOST_TEST(twins.report.engine.idle_timeouts > 50);
  BOOST_TEST(twins.report.engine.packets_made > 100);
}

BOOST_AUTO_TEST_CASE(holds_with_loss_and_reordering_on_the_links) {
  auto scenario = sim::test::small_scenario(language::LinkKind::pooled);
  for (language::HostSpec& host : scenario.hosts) {
    host.link.loss = 0.02;
    host.link.jitter = 3ms;
  }
  Twins(scenario).check_equal();
}

// What waits for bandwidth, and what is dropped for want of it, is the same in both worlds.
BOOST_AUTO_TEST_CASE(holds_when_the_public_address_limits_both_directions) {
  for (const auto mode : {sim::test::Mode::full_nat, sim::test::Mode::dnat}) {
    auto scenario = sim::test::small_scenario(language::LinkKind::pooled, mode);
    scenario.balancers.front().eip = config::PublicAddress{300e3, 5'000, 8'000};
    Twins twins(scenario);
    twins.check_equal();
    const auto reason = static_cast<std::size_t>(telemetry::Reason::bandwidth_exceeded);
    BOOST_TEST(twins.report.engine.dropped[reason] > 100);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
