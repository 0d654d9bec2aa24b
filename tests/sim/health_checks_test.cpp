// Health checks in simulated runs: what is probed from where, what follows from a verdict, and laws
// that hold whatever happens to servers.
#include <boost/test/unit_test.hpp>
#include <set>
#include <stdexcept>

#include "models/random/stream.hpp"
#include "models/telemetry/measures.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

language::Scenario scenario_of(const std::string& text) {
  const auto loaded = language::ScenarioFile::parse(text, "health.elb.yaml");
  std::string errors;
  for (const auto& error : loaded.errors) errors += error.to_string() + "\n";
  if (loaded.file == nullptr) throw std::runtime_error(errors + text);
  const auto decoded = loaded.file->decode(loaded.file->runs().front());
  for (const auto& error : decoded.errors) errors += error.to_string() + "\n";
  if (!decoded.scenario) throw std::runtime_error(errors + text);
  return *decoded.scenario;
}

struct Settings {
  std::string profile = "dedicated";
  std::string nodes = "{lvs: 2, nginx: 2}";
  std::string check = "{protocol: tcp, interval: 2s, timeout: 1s, retries: 3}";
  std::string group_more;  // "no_healthy_server: drop"
  std::string balancer_more;
  std::string timeline = "[]";
  std::string duration = "30s";
  std::string load = "short_connections: 100/s";
  bool udp = false;
};

std::string text_of(const Settings& s) {
  std::string text = "scenario: HEALTH\ntitle: Health checks\nprofile: " + s.profile +
                     "\nduration: " + s.duration + "\n";
  text += R"(hosts:
  c1:      {role: client, addresses: 4, link: {rate: 1Gbps, delay: 1ms, kind: pooled}}
  b[1..4]: {role: server, link: {rate: 1Gbps, delay: 200us, kind: pooled}}
balancer:
)";
  text += "  nodes: " + s.nodes + "\n" + s.balancer_more;
  text += s.udp ? "  listeners: {web: {protocol: udp, port: 53, group: app}}\n"
                : "  listeners: {web: {protocol: tcp, port: 80, group: app}}\n";
  text += "  groups:\n    app:\n      servers: {\"b[1..3]\": {port: 90}}\n      health_check: " +
          s.check + "\n" + s.group_more;
  text += "workload:\n  load: {from: c1, to: web, " + s.load +
          ", request: 200B, response: 300B, request_timeout: 1s}\n";
  return text + "timeline: " + s.timeline + "\n";
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
  double number(const std::string& sql) const {
    const std::string all = text(sql);
    return all == "|\n" ? 0 : std::stod(all);
  }

 private:
  const trace::Reader& trace_;
};

// Decisions of a node for a server that it did not find healthy at that moment.
constexpr const char* kDecisionsForOthers = R"sql(
SELECT count(*) FROM events_view e WHERE e.kind = 'scheduler_decision' AND 'healthy' IS NOT (
  SELECT h.after FROM health_view h WHERE h.node = e.object AND h.server = e.peer
  AND h.at_s <= e.at_s ORDER BY h.at_s DESC, h.id DESC LIMIT 1))sql";

}  // namespace

BOOST_AUTO_TEST_SUITE(health_checks_in_a_run)

BOOST_AUTO_TEST_CASE(every_measure_of_them_is_recorded) {
  const TracedRun run(scenario_of(text_of({})));
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    const std::string name(measure.name);
    if (measure.scope == telemetry::MeasureScope::checked_balancer) {
      BOOST_TEST(run.has_series(name, "balancer"), name);
    } else if (measure.scope == telemetry::MeasureScope::checked_server) {
      for (const char* server : {"app/b1", "app/b2", "app/b3"}) {
        BOOST_TEST(run.has_series(name, server), name);
      }
    }
  }
  // OBS-09: m9 + ma = servers.
  const auto abnormal = run.samples("m9_abnormal_servers", "balancer");
  const auto normal = run.samples("ma_normal_servers", "balancer");
  for (std::size_t i = 0; i < normal.size(); ++i) {
    BOOST_TEST(abnormal[i].value + normal[i].value == 3);
  }
}

// HC-13, HC-14, OPEN-24: K nodes of both kinds probe every server once per interval each.
BOOST_AUTO_TEST_CASE(every_node_probes_every_server_once_per_interval) {
  for (const auto& [nodes, count] :
       {std::pair("{lvs: 1, nginx: 0}", 1), std::pair("{lvs: 2, nginx: 2}", 4),
        std::pair("{lvs: 4, nginx: 4}", 8)}) {
    Settings settings;
    settings.nodes = nodes;
    settings.duration = "40s";
    const TracedRun run(scenario_of(text_of(settings)));
    BOOST_TEST(run.total("probes", "app/b1") == 20.0 * count);
    const Rows rows(run.trace());
    BOOST_TEST(rows.number("SELECT count(DISTINCT node) FROM probes_view") == count);
  }
}

// ADR-04, HC-20, HC-53: what the server's accept queue hears of them.
BOOST_AUTO_TEST_CASE(they_come_from_one_address_of_a_zone_or_from_one_for_each_node) {
  const auto sources = [](const std::string& profile) {
    Settings settings;
    settings.profile = profile;
    settings.load = "short_connections: 1/s, for: 1s";
    const TracedRun run(scenario_of(text_of(settings)));
    std::set<std::string> addresses;
    auto query = run.trace().query(
        "SELECT DISTINCT substr(source, 1, instr(source, ':') - 1) FROM connections_view WHERE"
        " role = 'server' AND object = 'b2' AND source NOT LIKE '203.0.113.%'");
    while (query.next()) addresses.insert(trace::to_text(query.row().front()));
    return addresses;
  };
  const auto dedicated = sources("dedicated");
  BOOST_TEST(dedicated.size() == 1u);
  const auto shared = sources("shared");
  for (const std::string& address : shared) BOOST_TEST(address.starts_with("100.125."), address);
  BOOST_TEST(shared.size() >= 4u);  // with the fullNAT addresses of requests
}

// SCH-10, SCH-11, SCH-12: how a server of weight 0 is displayed.
BOOST_AUTO_TEST_CASE(weight_0_is_displayed_as_each_profile_does_it) {
  for (const auto& [profile, displayed] :
       {std::pair("shared-2020", "unknown"), std::pair("shared", "unhealthy"),
        std::pair("dedicated", "healthy")}) {
    Settings settings;
    settings.profile = profile;
    settings.timeline = "[{at: 5s, set_weight: app/b1, weight: 0}]";
    const TracedRun run(scenario_of(text_of(settings)));
    const Rows rows(run.trace());
    BOOST_TEST(rows.text("SELECT after FROM health_view WHERE node = 'displayed' AND server ="
                         " 'app/b1' ORDER BY id DESC LIMIT 1") == std::string(displayed) + "|\n",
               profile);
    BOOST_TEST(rows.number("SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND"
                           " peer = 'app/b1' AND at_s > 5") == 0);
  }
}

// OPEN-13 and its variants.
BOOST_AUTO_TEST_CASE(without_a_healthy_server_clients_are_refused_left_alone_or_sent_on) {
  const std::string all_stop =
      "[{at: 5s, stop_service: b1}, {at: 5s, stop_service: b2},"
      " {at: 5s, stop_service: b3}]";
  Settings settings;
  settings.timeline = all_stop;
  {
    const TracedRun run(scenario_of(text_of(settings)));
    BOOST_TEST(run.maximum("m9_abnormal_servers", "balancer") == 3);
    const Rows rows(run.trace());
    BOOST_TEST(
        rows.text("SELECT object, value FROM events_view WHERE kind = 'no_healthy_server'") ==
        "app|3|\n");
    // From the balancer by RST, at once.
    BOOST_TEST(rows.number("SELECT count(*) FROM connections_view WHERE role = 'client' AND"
                           " opened_s > 15 AND reason = 'refused_by_peer'") > 1000);
  }
  settings.group_more = "      no_healthy_server: drop\n";
  {
    const TracedRun run(scenario_of(text_of(settings)));
    BOOST_TEST(Rows(run.trace())
                   .number("SELECT count(*) FROM connections_view WHERE role = 'client' AND"
                           " opened_s > 15 AND reason = 'refused_by_peer'") == 0);
    BOOST_TEST(run.total("resets_sent", "b1") < 300);
  }
  settings.group_more = "      no_healthy_server: forward\n";
  {
    const TracedRun run(scenario_of(text_of(settings)));
    BOOST_TEST(Rows(run.trace())
                   .number("SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND"
                           " at_s > 15") > 1000);
  }
}

// HC-16, HC-17, CTS-03.
BOOST_AUTO_TEST_CASE(a_check_comes_changes_and_goes_while_the_balancer_runs) {
  Settings settings;
  settings.balancer_more = "  propagation_delay: 0s\n";
  settings.duration = "60s";
  settings.timeline =
      "[{at: 5s, stop_service: b1},"
      " {at: 20s, remove: balancer.groups.app.health_check},"
      " {at: 40s, set: {balancer.groups.app.health_check: {protocol: tcp, interval: 1s}}}]";
  const TracedRun run(scenario_of(text_of(settings)));
  const Rows rows(run.trace());
  const auto chosen = [&](const std::string& when) {
    return rows.number(
        "SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND peer = 'app/b1'"
        " AND " +
        when);
  };
  BOOST_TEST(chosen("at_s > 14 AND at_s < 20") == 0);
  BOOST_TEST(chosen("at_s > 20 AND at_s < 40") > 500);  // dead, and counts as healthy
  BOOST_TEST(chosen("at_s > 45") == 0);                 // unknown, and never found healthy
  BOOST_TEST(
      rows.text("SELECT at_s, trace_name FROM operations_view o JOIN (SELECT applied_s AS at_s,"
                " id AS n FROM operations_view) ON n = o.id ORDER BY at_s") ==
      "20|delete healthmonitor|\n40|create healthmonitor|\n");
  BOOST_TEST(
      rows.text("SELECT after FROM health_view WHERE node = 'displayed' AND server = 'app/b1'"
                " ORDER BY id") == "healthy|\nunhealthy|\nhealthy|\nunknown|\nunhealthy|\n");
}

// Whatever happens to servers, services, weights and membership.
BOOST_AUTO_TEST_CASE(no_node_sends_a_new_connection_to_a_server_that_it_does_not_find_healthy) {
  random::Stream random(5, "health");
  for (int trial = 0; trial < 12; ++trial) {
    Settings settings;
    constexpr const char* kProfiles[]{"shared-2020", "shared", "dedicated"};
    settings.profile = kProfiles[random.below(3)];
    settings.udp = random.chance(0.4);
    settings.load = settings.udp ? "datagrams: 60/s" : "short_connections: 60/s";
    settings.check = std::string("{protocol: ") + (settings.udp ? "udp" : "tcp") +
                     ", interval: " + std::to_string(1 + random.below(3)) +
                     "s, timeout: " + std::to_string(1 + random.below(3)) +
                     "s, retries: " + std::to_string(1 + random.below(4)) +
                     (random.chance(0.5) ? ", at_start: unknown}" : "}");
    if (random.chance(0.3)) settings.group_more = "      unhealthy_connections: cut\n";
    settings.timeline = "[";
    for (int i = 0; i < 8; ++i) {
      const std::string at = "{at: " + std::to_string(1 + i * 3) + "s, ";
      const std::string host = "b" + std::to_string(1 + random.below(3));
      constexpr const char* kVerbs[]{"stop_service", "start_service", "link_down", "link_up"};
      if (i > 0) settings.timeline += ", ";
      if (random.chance(0.2)) {
        settings.timeline +=
            at + "set_weight: app/" + host + ", weight: " + std::to_string(random.below(3)) + "}";
      } else {
        settings.timeline += at + kVerbs[random.below(4)] + ": " + host + "}";
      }
    }
    settings.timeline += "]";
    BOOST_TEST_CONTEXT(text_of(settings)) {
      const TracedRun run(scenario_of(text_of(settings)));
      BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
      BOOST_TEST(Rows(run.trace()).number(kDecisionsForOthers) == 0);
      // A probe ends within its timeout.
      BOOST_TEST(
          Rows(run.trace()).number("SELECT count(*) FROM probes_view WHERE took_ms > 3000") == 0);
    }
  }
}

// A probe that passes never brings back what an operator took out.
BOOST_AUTO_TEST_CASE(health_never_brings_back_what_an_operator_took_out) {
  Settings settings;
  settings.timeline =
      "[{at: 5s, disable_server: app/b1}, {at: 8s, stop_service: b1}, {at: 18s, start_service: "
      "b1}]";
  const TracedRun run(scenario_of(text_of(settings)));
  const Rows rows(run.trace());
  BOOST_TEST(
      rows.text("SELECT after FROM health_view WHERE node = 'displayed' AND server = 'app/b1'"
                " ORDER BY id") == "healthy|\nunhealthy|\nhealthy|\n");
  BOOST_TEST(rows.number("SELECT count(*) FROM events_view WHERE kind = 'scheduler_decision' AND"
                         " peer = 'app/b1' AND at_s > 5") == 0);
}

// HC-S19, OPEN-10: verdicts of nodes are independent of each other.
BOOST_AUTO_TEST_CASE(each_node_keeps_its_own_verdict) {
  Settings settings;
  settings.udp = true;
  settings.load = "datagrams: 50/s";
  settings.check = "{protocol: udp, interval: 1s, timeout: 1s, retries: 3}";
  settings.duration = "60s";
  settings.timeline = "[{at: 5s, stop_service: b1}]";
  // One budget of one message per second for the probes of four nodes: they disagree (HC-53).
  const TracedRun run(scenario_of(text_of(settings)));
  const Rows rows(run.trace());
  const double of_nodes = rows.number(
      "SELECT count(DISTINCT node || '/' || transitions || '/' || round(availability, 3)) FROM"
      " server_health WHERE server = 'app/b1' AND node <> 'displayed'");
  BOOST_TEST(of_nodes > 1);
  BOOST_TEST(rows.number(kDecisionsForOthers) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
