// elblab replay --stateful --world live: captured conversations between kernel sockets, held
// against the same ones in simulation and against arithmetic.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <set>

#include "analysis/trace/reader.hpp"
#include "tests/conversations/played_captures.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/must.hpp"

namespace elblab::testing {
namespace {

using live::NeedsPrivileges;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

using Connections = std::vector<trace::ConnectionRow>;

struct PlayedInBothWorlds : PlayedCaptures {
  struct Played {
    std::string report;
    Connections connections;  // the clients'
  };

  Played play(const std::string& capture, const std::string& world,
              std::vector<std::string> more = {}) {
    const std::filesystem::path trace = folder / (world + ".db");
    more.insert(more.end(), {"--world", world, "--trace", trace.string()});
    const test::Ended ended = replay(capture, more);
    BOOST_TEST(ended.exit_code == 0);
    BOOST_TEST(ended.err == "");
    return {ended.out, clients_of(trace)};
  }

 private:
  static Connections clients_of(const std::filesystem::path& path) {
    const auto reader = must(trace::Reader::open(path));
    auto rows = reader->connections(1, 100'000);
    std::erase_if(rows, [](const trace::ConnectionRow& row) { return row.role != "client"; });
    return rows;
  }
};

std::map<std::string, int> per_client_address(const Connections& connections) {
  std::map<std::string, int> counts;
  for (const auto& row : connections) ++counts[row.source.substr(0, row.source.find(':'))];
  return counts;
}

// Apart from ports and times, which are each world's own.
std::multiset<std::string> what_became_of(const Connections& connections) {
  std::multiset<std::string> all;
  for (const auto& row : connections) {
    all.insert(row.source.substr(0, row.source.find(':')) + " " + row.destination + " " +
               row.reason + " " + std::to_string(row.bytes_sent) + "/" +
               std::to_string(row.bytes_received));
  }
  return all;
}

// "  40  refused locally, no free port" and the like: how many went how.
std::string outcomes(const std::string& report) {
  const auto begin = report.find("  played\n");
  const auto end = report.find("  group ", begin);
  BOOST_REQUIRE_MESSAGE(end != std::string::npos, report);
  return report.substr(begin, end - begin);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stateful_replay_live, PlayedInBothWorlds)

BOOST_AUTO_TEST_CASE(kernel_sockets_say_to_each_other_what_the_capture_says) {
  const std::string capture = save(connections(100, 80));
  const Played live = play(capture, "live");
  BOOST_TEST_CONTEXT(live.report) {
    BOOST_TEST(says(live.report, "100  went as captured (100.0 %)"));
    BOOST_TEST(says(live.report, "payload: 10 KB to the servers, 500 KB to the clients"));
    BOOST_TEST(says(live.report, "group app: b1 50 (50.0 %), b2 50 (50.0 %)"));
    BOOST_TEST(says(live.report, "time_wait peak 100, 0 connects refused locally"));
  }
  const std::map<std::string, int> expected{
      {"198.18.0.1", 34}, {"198.18.0.2", 33}, {"198.18.0.3", 33}};
  BOOST_TEST((per_client_address(live.connections) == expected));
  for (const auto& row : live.connections) {
    BOOST_TEST(row.bytes_sent == 100U);
    BOOST_TEST(row.bytes_received == 5000U);
  }
  const Played simulated = play(capture, "simulation");
  BOOST_TEST(outcomes(live.report) == outcomes(simulated.report));
  BOOST_TEST((what_became_of(live.connections) == what_became_of(simulated.connections)));
}

// Three addresses of 20 ports each: after 20 connections of an address all are in TIME_WAIT.
BOOST_AUTO_TEST_CASE(a_client_kernel_with_few_ports_refuses_as_many_as_the_simulated_one) {
  std::ofstream(folder / "few.elb.yaml") << R"(
scenario: FEW-1
title: A client host with few ports
profile: dedicated
duration: 3s
hosts:
  c1: {role: client, sysctl: {net.ipv4.ip_local_port_range: [40000, 40019]}}
  "b[1..2]": {role: server}
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {"b[1..2]": {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 10/s, for: 1s, request: 200B, response: 1KB, closes: client}
)";
  const std::vector<std::string> behind{"--balancer", (folder / "few.elb.yaml").string()};
  const std::string capture = save(connections(100, 80));
  const Played live = play(capture, "live", behind);
  BOOST_TEST_CONTEXT(live.report) {
    BOOST_TEST(says(live.report, "60  went as captured (60.0 %)"));
    BOOST_TEST(says(live.report, "40  refused locally, no free port"));
  }
  const Played simulated = play(capture, "simulation", behind);
  BOOST_TEST(outcomes(live.report) == outcomes(simulated.report));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::testing
