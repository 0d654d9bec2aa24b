// RPL-03: the probes of simulated runs, captured in front of their servers and replayed, give the
// verdicts that the run's own probers gave.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "pcap/replay/replay.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/must.hpp"
#include "tests/replay/capture_fixture.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::replay::test {
namespace {

namespace fs = std::filesystem;

using Sequence = std::vector<std::string>;  // "unhealthy for timed_out", in order

language::Scenario decode(const std::string& id, const std::string& run) {
  const auto loaded =
      language::ScenarioFile::load(ELBLAB_SOURCE_DIR "/scenarios/health/" + id + ".elb.yaml");
  BOOST_REQUIRE(loaded.file);
  auto decoded = loaded.file->decode(run);
  BOOST_REQUIRE(decoded.scenario);
  return std::move(*decoded.scenario);
}

// A run, and the replay of what was captured at the links of its servers.
class Twins {
 public:
  Twins(const std::string& id, const std::string& run) : scenario_(decode(id, run)) {
    sim::RunOptions options;
    options.trace = folder_ / "simulated.db";
    options.pcap_folder = folder_.path();
    must(sim::run(scenario_, options));
    replay_servers();
  }

  // What each node thought of each server, without saying which node: nodes that share an address
  // are told apart, not named.
  std::map<std::string, std::multiset<Sequence>> verdicts_of_nodes(const char* file) const {
    std::map<std::string, std::map<std::string, Sequence>> of;  // server, node
    for_each_change(file, [&](const std::string& node, const std::string& server,
                              const std::string& change) {
      if (!node.empty()) of[server][node].push_back(change);
    });
    std::map<std::string, std::multiset<Sequence>> result;
    for (const auto& [server, nodes] : of) {
      for (const auto& [node, changes] : nodes) result[server].insert(changes);
    }
    return result;
  }
  std::map<std::string, Sequence> displayed(const char* file) const {
    std::map<std::string, Sequence> result;
    for_each_change(file, [&](const std::string& node, const std::string& server,
                              const std::string& change) {
      if (node.empty()) result[server].push_back(change);
    });
    return result;
  }
  std::uint64_t probes(const char* file) const {
    const auto reader = must(trace::Reader::open(folder_ / file));
    auto query = reader->query("SELECT count(*) FROM probes");
    BOOST_REQUIRE(query.next());
    return std::stoull(trace::to_text(query.row()[0]));
  }

  ReplayReport report;

 private:
  void replay_servers() {
    std::vector<fs::path> captures;
    for (const language::HostSpec& host : scenario_.hosts) {
      const fs::path file = folder_ / (host.name + ".pcap");
      if (host.role == language::HostRole::server && fs::exists(file)) captures.push_back(file);
    }
    BOOST_REQUIRE(!captures.empty());
    merge(captures, folder_ / "servers.pcap");
    ReplayOptions options;
    options.capture = folder_ / "servers.pcap";
    options.balancers = scenario_.balancers;
    options.until = kStart + scenario_.duration;
    options.trace = folder_ / "replayed.db";
    report = must(replay(options));
    BOOST_TEST(report.conservation_problem == "");
  }

  template <typename Visit>
  void for_each_change(const char* file, Visit&& visit) const {
    const auto reader = must(trace::Reader::open(folder_ / file));
    auto query = reader->query(
        "SELECT coalesce(node, ''), server, after, reason FROM health_view ORDER BY id");
    while (query.next()) {
      const auto row = query.row();
      const std::string node = trace::to_text(row[0]);
      visit(node == "NULL" ? "" : node, trace::to_text(row[1]),
            trace::to_text(row[2]) + " for " + trace::to_text(row[3]));
    }
  }

  sim::test::TemporaryFolder folder_;
  language::Scenario scenario_;
};

void check_equal(const std::string& id, const std::string& run) {
  BOOST_TEST_CONTEXT(id << " " << run) {
    const Twins twins(id, run);
    BOOST_TEST(twins.probes("replayed.db") > 0u);
    BOOST_TEST((twins.verdicts_of_nodes("replayed.db") == twins.verdicts_of_nodes("simulated.db")));
    BOOST_TEST((twins.displayed("replayed.db") == twins.displayed("simulated.db")));
    BOOST_TEST(twins.report.health.counts.without_node == 0u);
    BOOST_TEST(twins.report.health.counts.cut_short == 0u);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(captured_health)

BOOST_AUTO_TEST_CASE(udp_probes_give_the_verdicts_of_the_run_that_sent_them) {
  check_equal("UHC-02", "closed");
  check_equal("UHC-02", "open");
  check_equal("UHC-03", "there");
  check_equal("UHC-04", "ignored");
}

// Requests come from the same addresses there; their ports tell them from probes.
BOOST_AUTO_TEST_CASE(so_they_do_beside_requests_from_the_same_addresses) {
  check_equal("UHC-07", "per_address");
  check_equal("UHC-07", "idle");
}

BOOST_AUTO_TEST_CASE(tcp_and_http_probes_give_the_verdicts_of_the_run_that_sent_them) {
  check_equal("HC-S13", "loaded");
  check_equal("HC-S17", "deny_http");
  check_equal("HC-S08", "wrong");
  check_equal("HC-S10", "closed");
}

// ADR-04: there all nodes of a zone probe from one address.
BOOST_AUTO_TEST_CASE(nodes_that_share_an_address_are_told_apart) {
  check_equal("UHC-20", "every_second");
  check_equal("UHC-20", "exempt");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay::test
