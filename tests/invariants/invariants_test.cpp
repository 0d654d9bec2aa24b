// Each law holds of a real run, and is found broken in its trace once somebody has changed that.
#include "analysis/invariants/invariants.hpp"

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::invariants {
namespace {

// Two groups: `app` by fullNAT, of which b1 is drained at 3 s, and `sticky`. Nothing in the run may
// end a binding of the second balancer.
constexpr const char* kScenario = R"(
scenario: INV-1
title: What the laws are held against
duration: 6s
hosts:
  c1: {role: client, addresses: 4}
  b[1..2]: {role: server}
balancers:
  lb1:
    profile: shared
    nodes: {lvs: 1}
    propagation_delay: 1s
    listeners: {web: {protocol: tcp, port: 80, group: app, transfer_client_ip: false}}
    groups: {app: {servers: {"b[1..2]": {port: 90}}, deregistration_delay: 1s}}
workload:
  pool: {from: c1, to: lb1/web, persistent: 8, requests: 40/s}
)";

constexpr const char* kTimeline = R"(
timeline: [{at: 2s, set: {balancers.lb1.groups.app.servers.b1.weight: 0}}]
)";

constexpr const char* kSticky = R"(
scenario: INV-2
title: Sticky clients
duration: 3s
hosts:
  c1: {role: client, addresses: 4}
  b[1..2]: {role: server}
balancer:
  nodes: {lvs: 2}
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {"b[1..2]": {port: 90}}, stickiness: {type: source_ip}}}
workload:
  load: {from: c1, to: web, short_connections: 20/s}
)";

language::Scenario decoded(const std::string& text) {
  const auto loaded = language::ScenarioFile::parse(text, "inv.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_ERROR(error.to_string());
  BOOST_REQUIRE(loaded.file);
  auto made = loaded.file->decode(loaded.file->runs().front());
  for (const auto& error : made.errors) BOOST_ERROR(error.to_string());
  BOOST_REQUIRE(made.scenario);
  return std::move(*made.scenario);
}

struct Run {
  testing::TemporaryFolder folder;
  language::Scenario scenario;
  std::filesystem::path trace = folder.path() / "run.db";

  explicit Run(const std::string& text) : scenario(decoded(text)) {
    sim::RunOptions options;
    options.trace = trace;
    options.packets = worlds::PacketKeeping::all;
    must(sim::run(scenario, options));
  }

  // Changes the trace as no run of elblab would have written it.
  void change(const std::string& sql) const {
    sqlite3* database = nullptr;
    BOOST_REQUIRE(sqlite3_open(trace.c_str(), &database) == SQLITE_OK);
    char* problem = nullptr;
    const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &problem);
    BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, problem);
    BOOST_REQUIRE_MESSAGE(sqlite3_changes(database) > 0, "nothing was changed by " << sql);
    sqlite3_close(database);
  }

  std::vector<Broken> broken() const {
    const auto reader = must(trace::Reader::open(trace));
    return broken_by(*reader, scenario);
  }
  std::string laws() const {
    std::string all;
    for (const Broken& one : broken()) all += std::string(one.law) + " ";
    return all;
  }
};

BOOST_AUTO_TEST_CASE(a_run_keeps_them_all) {
  BOOST_TEST(Run(std::string(kScenario) + kTimeline).laws() == "");
  BOOST_TEST(Run(kSticky).laws() == "");
}

BOOST_AUTO_TEST_CASE(two_connections_on_one_source_of_the_pool_are_told) {
  const Run run(kScenario);
  run.change(
      "UPDATE connections SET translated_source = (SELECT translated_source FROM connections "
      "  WHERE translated_source IS NOT NULL ORDER BY id LIMIT 1) WHERE translated_source NOTNULL");
  const auto broken = run.broken();
  BOOST_REQUIRE(!broken.empty());
  BOOST_TEST(broken.front().law == "address_mapping");
  BOOST_TEST(broken.front().text.find("which another one with the same other end has until") !=
                 std::string::npos,
             broken.front().text);
}

BOOST_AUTO_TEST_CASE(a_sticky_client_with_two_servers_is_told) {
  const Run run(kSticky);
  run.change(
      "UPDATE connections SET source = source & 65535 | (SELECT min(source >> 16) << 16 FROM "
      "  connections WHERE source NOTNULL) WHERE translated_source NOTNULL");
  BOOST_TEST(run.laws() == "affinity ");
}

BOOST_AUTO_TEST_CASE(a_new_connection_of_a_drained_server_is_told) {
  const Run run(std::string(kScenario) + kTimeline);
  run.change(
      "UPDATE connections SET opened_ns = 3500000000, closed_after_ns = 100000000, "
      "  established_after_ns = 1000 WHERE id = (SELECT max(c.id) FROM connections c "
      "  JOIN connection_classes k ON k.id = c.class JOIN objects o ON o.id = k.peer "
      "  JOIN roles r ON r.id = k.role WHERE r.name = 'session' AND o.name = 'app/b1')");
  BOOST_TEST(run.laws() == "drained_server ");
}

BOOST_AUTO_TEST_CASE(data_for_a_server_beyond_its_deregistration_delay_are_told) {
  const Run run(std::string(kScenario) + kTimeline);
  // Drained at 3 s, empty at 4 s: its connections go on to the end, and what came last came late.
  run.change(
      "UPDATE connections SET closed_after_ns = 5900000000 - opened_ns WHERE id IN (SELECT c.id "
      "  FROM connections c JOIN connection_classes k ON k.id = c.class "
      "  JOIN objects o ON o.id = k.peer WHERE o.name = 'app/b1')");
  run.change("UPDATE packet_connections SET last_ns = 5900000000");
  run.change(
      "UPDATE packets SET at_ns = at_ns + 1500000000 WHERE at_ns > 3500000000 "
      "  AND at_ns < 4000000000");
  BOOST_TEST(run.laws().find("drained_server") != std::string::npos, run.laws());
}

BOOST_AUTO_TEST_CASE(more_answers_than_requests_are_told) {
  const Run run(kSticky);
  run.change(
      "UPDATE samples SET value = value + 1 WHERE series = (SELECT id FROM series_view "
      "  WHERE name = 'responses')");
  BOOST_TEST(run.laws() == "workload_books ");
}

BOOST_AUTO_TEST_CASE(rows_outside_the_run_or_uncounted_are_told) {
  const Run run(kSticky);
  run.change("UPDATE connections SET closed_after_ns = 9000000000 WHERE id = 1");
  BOOST_TEST(run.laws().find("trace_contents") != std::string::npos);

  const Run other(kSticky);
  other.change("DELETE FROM connections WHERE id = (SELECT max(id) FROM connections)");
  BOOST_TEST(other.laws().find("trace_contents") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_trace_with_another_scenario_in_it_is_told) {
  const Run run(kSticky);
  run.change("UPDATE run SET effective_yaml = replace(effective_yaml, 'role: server', 'role: x')");
  BOOST_TEST(run.laws() == "trace_contents ");

  const Run other(kSticky);
  other.change("UPDATE run SET scenario_text = scenario_text || '# more'");
  BOOST_TEST(other.laws() == "trace_contents ");
}

}  // namespace
}  // namespace elblab::invariants
