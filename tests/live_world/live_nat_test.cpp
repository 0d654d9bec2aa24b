// Real Linux clients behind a NAT box: the box runs in our program as in the simulation, and
// kernels talk through it.
#include <boost/test/unit_test.hpp>
#include <set>

#include "analysis/trace/reader.hpp"
#include "live/live_run.hpp"
#include "models/telemetry/measures.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/live_world/live_scenario.hpp"
#include "tests/must.hpp"

namespace elblab::live::test {
namespace {

language::Scenario behind_a_box() {
  return scenario_from(R"(
scenario: T-1
title: behind a box
profile: dedicated
duration: 3s
middleboxes: {nat1: {nat: {ports: 2000-2999}}}
hosts:
  c[1..2]: {behind: nat1}
  b1: {role: server}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
    dns: {protocol: udp, port: 53, group: names}
  groups:
    app: {servers: {b1: {port: 90}}}
    names: {servers: {b1: {port: 53}}}
workload:
  load:    {from: "c[1..2]", to: web, short_connections: 50/s, for: 2s, request: 200B, response: 4KB}
  lookups: {from: c1, to: dns, datagrams: 10/s, for: 2s, request: 60B, response: 100B}
)");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(live_nat)

BOOST_AUTO_TEST_CASE(kernels_behind_a_box_are_answered_and_look_like_one_client) {
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const auto result = must(live::run(behind_a_box(), options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = must(trace::Reader::open(options.trace));
  BOOST_TEST(total_of(*reader, "responses", "load") == 100);
  BOOST_TEST(total_of(*reader, "responses", "lookups") == 20);
  BOOST_TEST(total_of(*reader, "refused", "nat1") == 0);
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    if (measure.scope != telemetry::MeasureScope::middlebox) continue;
    BOOST_TEST(reader->find_series(std::string(measure.name), "nat1").has_value(), measure.name);
  }
  std::set<std::string> outer;
  std::set<std::string> seen;
  for (const trace::ConnectionRow& row : reader->connections(1, 100'000)) {
    if (row.protocol != "tcp") continue;
    if (row.role == "translation") {
      BOOST_REQUIRE(row.source.starts_with("100.64.0."));
      BOOST_REQUIRE(row.translated_source.starts_with("203.0.113.1:"));
      BOOST_REQUIRE(outer.insert(row.translated_source).second);
    }
    if (row.role == "server" || row.role == "session") seen.insert(row.source);
  }
  BOOST_TEST(outer.size() == 100u);
  BOOST_TEST((outer == seen));
}

// Two zones, an office behind a VPN that takes 1400 B, three balancers, two NAT boxes: NET-02 with
// 3 s of load in place of 15.
BOOST_AUTO_TEST_CASE(a_whole_network_carries_every_request_and_accounts_for_every_packet) {
  const auto loaded = language::ScenarioFile::load(std::string(ELBLAB_SOURCE_DIR) +
                                                   "/scenarios/network/NET-02.elb.yaml");
  BOOST_REQUIRE(loaded.file);
  std::vector<language::Override> shorter{{"duration", "5s"}};
  for (const std::string name : {"public", "shared", "lookups", "office", "direct"}) {
    shorter.push_back({"workload." + name + ".for", "3s"});
  }
  const auto decoded = loaded.file->decode(loaded.file->runs().front(), shorter);
  BOOST_REQUIRE(decoded.scenario);
  const TemporaryFolder folder;
  RunOptions options;
  options.trace = folder / "run.db";
  const worlds::RunResult result = must(live::run(*decoded.scenario, options));
  BOOST_TEST(result.packets_conserved, result.conservation_problem);
  const auto reader = must(trace::Reader::open(options.trace));
  const std::pair<const char*, double> answered[]{
      {"public", 120}, {"shared", 60}, {"lookups", 60}, {"office", 18}, {"direct", 6}};
  for (const auto& [workload, responses] : answered) {
    BOOST_TEST(total_of(*reader, "responses", workload) == responses, workload);
  }
  for (const char* box : {"home", "desk"}) {
    BOOST_TEST(total_of(*reader, "refused", box) == 0);
    BOOST_TEST(total_of(*reader, "translated", box) > 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live::test
