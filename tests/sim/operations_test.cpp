// Operations of an operator and zones that fail, in a simulated run: when they hold, what the
// traffic does then, and what is written down.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

language::Scenario scenario_of(const std::string& text) {
  const auto loaded = language::ScenarioFile::parse(text, "operations.elb.yaml");
  std::string errors;
  for (const auto& error : loaded.errors) errors += error.to_string() + "\n";
  if (loaded.file == nullptr) throw std::runtime_error(errors);
  return *loaded.file->decode(loaded.file->runs().front()).scenario;
}

// 100 connections a second for 20 s, evenly spaced, to two or three servers through one node.
std::string short_connections(const std::string& timeline) {
  return R"(scenario: OPERATIONS
title: Changes at run time
hosts:
  c1:      {role: client, addresses: 4, link: {rate: 1Gbps, delay: 1ms, kind: pooled}}
  b[1..3]: {role: server, link: {rate: 1Gbps, delay: 200us, kind: pooled}}
balancer:
  nodes: {lvs: 1}
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups:    {app: {servers: {"b[1..2]": {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 100/s, for: 20s, request: 200B, response: 1KB}
timeline:
)" + timeline;
}

class Rows {
 public:
  explicit Rows(const trace::Reader& trace) : trace_(trace) {}

  std::string text(const std::string& sql) const {
    auto query = trace_.query(sql);
    std::string all;
    while (query.next()) {
      for (const trace::QueryCell& cell : query.row()) all += trace::to_text(cell) + "|";
      all += "\n";
    }
    BOOST_TEST(!query.problem().has_value());
    return all;
  }
  std::int64_t number(const std::string& sql) const { return std::stoll(text(sql)); }
  // Choices of a server in a part of the run.
  std::int64_t chosen(const std::string& server, const std::string& when) const {
    return number(
        "SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND peer = '" + server +
        "' AND " + when);
  }

 private:
  const trace::Reader& trace_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(operations_in_a_run)

BOOST_AUTO_TEST_CASE(a_weight_moves_the_traffic_five_seconds_after_it_was_asked_for) {
  const TracedRun run(scenario_of(
      short_connections("  - {at: 5s, set: {balancer.groups.app.servers.b1.weight: 3}}\n")));
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  const Rows rows(run.trace());
  // Until the 10th second they take turns; then smooth round robin with 3:1 gives b1 three of any
  // four that follow each other.
  BOOST_TEST(std::abs(rows.chosen("app/b1", "at_s < 10") - 500) <= 1);
  BOOST_TEST(std::abs(rows.chosen("app/b2", "at_s < 10") - 500) <= 1);
  BOOST_TEST(std::abs(rows.chosen("app/b1", "at_s >= 10") - 750) <= 2);
  BOOST_TEST(std::abs(rows.chosen("app/b2", "at_s >= 10") - 250) <= 2);
  BOOST_TEST(std::abs(rows.chosen("app/b1", "at_s >= 10 AND at_s < 11") - 75) <= 1);
  BOOST_TEST(
      rows.text("SELECT requested_s, applied_s, balancer, object, resource, trace_name, path,"
                " old_value, new_value, result FROM operations_view") ==
      "5|10|balancer|app/b1|member|update backend ecs|"
      "balancer.groups.app.servers.b1.weight|1|3|applied|\n");
  BOOST_TEST(rows.text("SELECT at_s, object, value FROM events_view WHERE kind ="
                       " 'configuration_changed'") == "10|app/b1|0|\n");
}

BOOST_AUTO_TEST_CASE(a_removed_server_gets_nothing_new_and_an_added_one_its_share) {
  const TracedRun run(scenario_of(short_connections(
      "  - {at: 3s, remove: balancer.groups.app.servers.b2}\n"
      "  - {at: 8s, set: {balancer.groups.app.servers.b3: {port: 95, weight: 3}}}\n")));
  const Rows rows(run.trace());
  BOOST_TEST(std::abs(rows.chosen("app/b2", "at_s < 8") - 400) <= 1);
  BOOST_TEST(rows.chosen("app/b2", "at_s >= 8") == 0);
  BOOST_TEST(rows.chosen("app/b3", "at_s < 13") == 0);
  BOOST_TEST(std::abs(rows.chosen("app/b1", "at_s >= 8 AND at_s < 13") - 500) <= 1);
  BOOST_TEST(std::abs(rows.chosen("app/b3", "at_s >= 13") - 525) <= 2);  // 3/4 of 700
  BOOST_TEST(run.total("responses", "burst") == 2000);
  BOOST_TEST(run.total("accepted", "b3") == run.total("scheduled", "app/b3"));
  BOOST_TEST(
      rows.text("SELECT trace_name, old_value IS NULL, new_value IS NULL FROM operations_view") ==
      "remove backend ecs|0|1|\nadd backend ecs|1|0|\n");
}

// Persistent connections, 20 of them, half of them at each server.
BOOST_AUTO_TEST_CASE(connections_of_a_removed_server_are_cut_at_once_or_after_the_delay) {
  for (const bool delayed : {false, true}) {
    std::string text = short_connections("  - {at: 5s, remove: balancer.groups.app.servers.b2}\n");
    const std::string load = "short_connections: 100/s";
    text.replace(text.find(load), load.size(), "persistent: 20, requests: 10/s");
    const std::string servers = "{app: {servers";
    if (delayed) {
      text.replace(text.find(servers), servers.size(), "{app: {deregistration_delay: 4s, servers");
    }
    const TracedRun run(scenario_of(text));
    BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
    const Rows rows(run.trace());
    const std::string at = delayed ? "14" : "10";
    BOOST_TEST(rows.number("SELECT count(*) FROM connections_view WHERE role = 'session' AND"
                           " reason = 'deregistered' AND peer = 'app/b2' AND closed_s = " +
                           at) == 10);
    BOOST_TEST(rows.number("SELECT count(*) FROM connections_view WHERE role = 'client' AND"
                           " reason = 'reset_by_peer' AND closed_s >= " +
                           at) == 10);
    BOOST_TEST(rows.chosen("app/b2", "at_s >= 10") == 0);
  }
}

// With fullNAT until the 5th second, interrupted until the 15th, with clients' addresses from then
// on.
BOOST_AUTO_TEST_CASE(switching_the_transfer_interrupts_the_listener_for_ten_seconds) {
  std::string text =
      short_connections("  - {at: 0s, set: {balancer.listeners.web.transfer_client_ip: true}}\n");
  text.replace(text.find("hosts:"), 0, "profile: shared\n");
  const std::string load = "response: 1KB";
  text.replace(text.find(load), load.size(), load + ", request_timeout: 900ms");
  const TracedRun run(scenario_of(text));
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  const Rows rows(run.trace());
  const auto chosen = [&](const std::string& when) {
    return rows.number("SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND " +
                       when);
  };
  BOOST_TEST(std::abs(chosen("at_s < 5") - 500) <= 1);
  BOOST_TEST(chosen("at_s >= 5 AND at_s < 15") == 0);
  BOOST_TEST(chosen("at_s >= 15") >= 500);
  BOOST_TEST(run.events("packet_dropped", "transfer_switched") >= 1000);
  const std::string servers_see_clients =
      "SELECT count(*) FROM connections_view WHERE role = 'session' AND translated_source LIKE "
      "'203.%'"
      " AND opened_s ";
  BOOST_TEST(rows.number(servers_see_clients + "< 15") == 0);
  BOOST_TEST(rows.number(servers_see_clients + ">= 15") >= 500);
}

BOOST_AUTO_TEST_CASE(equal_runs_give_equal_traces) {
  const auto scenario =
      scenario_of(short_connections("  - {at: 2s, remove: balancer.groups.app.servers.b2}\n"
                                    "  - {at: 4s, set: {balancer.listeners.web.idle_timeout: 60s,"
                                    " balancer.groups.app.servers.b3: {port: 90}}}\n"));
  BOOST_TEST(TracedRun(scenario).trace().digest() == TracedRun(scenario).trace().digest());
}

// Two zones with a node and a server each; the client is in the core. az2 fails for 5 s.
BOOST_AUTO_TEST_CASE(a_zone_that_is_down_drops_every_packet_and_comes_back) {
  const TracedRun run(scenario_of(R"(scenario: ZONES
title: A zone fails
zones: {az1: {}, az2: {}}
subnets:
  web1: {cidr: 192.168.1.0/24, zone: az1}
  web2: {cidr: 192.168.2.0/24, zone: az2}
hosts:
  c1: {role: client, addresses: 16}
  b1: {subnet: web1}
  b2: {subnet: web2}
balancer:
  zones: [az1, az2]
  nodes: {lvs: 2}
  cross_zone: false
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups:    {app: {servers: {"b[1..2]": {port: 90}}}}
workload:
  burst: {from: c1, to: web, short_connections: 100/s, for: 20s, request: 200B, response: 1KB,
          request_timeout: 2s}
timeline:
  - {at: 5s, zone_down: az2}
  - {at: 10s, zone_up: az2}
)"));
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  const Rows rows(run.trace());
  BOOST_TEST(rows.chosen("app/b2", "at_s < 5") > 200);
  BOOST_TEST(rows.chosen("app/b2", "at_s >= 5 AND at_s < 10") == 0);
  BOOST_TEST(std::abs(rows.chosen("app/b1", "at_s >= 5.1 AND at_s < 9.9") - 480) <= 10);
  BOOST_TEST(rows.chosen("app/b2", "at_s >= 10") > 300);
  BOOST_TEST(rows.text("SELECT at_s, object, kind, value FROM events_view WHERE kind IN"
                       " ('fault_injected', 'configuration_changed')") ==
             "5|network/az2|fault_injected|0|\n10|network/az2|fault_injected|1|\n");
  BOOST_TEST(rows.text("SELECT count(*) FROM operations") == "0|\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
