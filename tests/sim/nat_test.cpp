// Clients behind a NAT box, simulated: what the trace tells of the box, and how often two balancers
// meet one outer port at a server, against arithmetic.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>

#include "models/telemetry/measures.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using trace::ConnectionRow;

language::Scenario run_of(const language::ScenarioFile& file, const std::string& run) {
  auto decoded = file.decode(run);
  BOOST_REQUIRE(decoded.scenario);
  return *decoded.scenario;
}

// Two clients behind one box, 50 short connections per second and some datagrams for 3 s.
language::Scenario behind_a_box() {
  const auto loaded = language::ScenarioFile::parse(R"(
scenario: T-1
title: behind a box
profile: dedicated
duration: 4s
middleboxes: {nat1: {link: {rate: 1Gbps, delay: 3ms}, nat: {ports: 2000-2999}}}
hosts:
  c[1..2]: {behind: nat1, link: {rate: 1Gbps, delay: 2ms}}
  b[1..2]: {role: server, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
    dns: {protocol: udp, port: 53, group: names}
  groups:
    app: {servers: {"b[1..2]": {port: 90}}}
    names: {servers: {"b[1..2]": {port: 53}}}
workload:
  load:    {from: "c[1..2]", to: web, short_connections: 50/s, for: 3s, request: 200B, response: 4KB}
  lookups: {from: c1, to: dns, datagrams: 10/s, for: 3s, request: 60B, response: 100B}
)",
                                                    "T-1.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file);
  return run_of(*loaded.file, loaded.file->runs().front());
}

std::vector<ConnectionRow> connections_of(const trace::Reader& trace, const std::string& role) {
  std::vector<ConnectionRow> rows;
  for (ConnectionRow& row : trace.connections(1, 1'000'000)) {
    if (row.role == role) rows.push_back(std::move(row));
  }
  return rows;
}

std::string host_of(const std::string& endpoint) { return endpoint.substr(0, endpoint.find(':')); }
int port_of(const std::string& endpoint) {
  return std::stoi(endpoint.substr(endpoint.find(':') + 1));
}

// Exact tails of the binomial distribution: of n draws, each of probability p, at most (at least)
// k.
double probability(unsigned n, double p, unsigned k) {
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
                  k * std::log(p) + (n - k) * std::log1p(-p));
}
double at_most(unsigned n, double p, unsigned k) {
  double sum = 0;
  for (unsigned i = 0; i <= k; ++i) sum += probability(n, p, i);
  return sum;
}
double at_least(unsigned n, double p, unsigned k) {
  double sum = 0;
  for (unsigned i = k; i <= n; ++i) sum += probability(n, p, i);
  return sum;
}

// A result as far out as this, on either side, comes once in a million.
constexpr double kRare = 1e-6;

struct Meetings {
  unsigned draws = 0;      // connections of the client that makes new ones
  unsigned conflicts = 0;  // of them, those that met one that was held
};

Meetings meetings_of(const language::Scenario& scenario, std::uint64_t seeds) {
  Meetings sum;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.packets = worlds::PacketKeeping::none;
    const TracedRun run(scenario, options);
    BOOST_REQUIRE(run.result().packets_conserved);
    sum.draws += static_cast<unsigned>(run.total("opened", "c2"));
    for (const trace::ConflictRow& conflict : run.trace().conflicts()) {
      BOOST_REQUIRE_EQUAL(conflict.scope, "balancers");
      if (conflict.later_host != "c2") continue;
      // The server sees one client; the trace knows both behind the box.
      BOOST_REQUIRE_EQUAL(conflict.earlier_host, "c1");
      BOOST_REQUIRE(conflict.earlier_source.starts_with("100.64.0.1:"));
      BOOST_REQUIRE(conflict.later_source.starts_with("100.64.0.2:"));
      BOOST_REQUIRE(conflict.client.starts_with("203.0.113.1:"));
      ++sum.conflicts;
    }
  }
  return sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nat_boxes)

BOOST_AUTO_TEST_CASE(carry_every_request_and_record_every_measure) {
  const TracedRun run(behind_a_box());
  BOOST_TEST(run.result().packets_conserved, run.result().conservation_problem);
  BOOST_TEST(run.total("responses", "load") == 150);
  BOOST_TEST(run.total("responses", "lookups") == 30);
  for (const telemetry::MeasureInfo& measure : telemetry::measures()) {
    if (measure.scope != telemetry::MeasureScope::middlebox) continue;
    BOOST_TEST(run.has_series(std::string(measure.name), "nat1"), measure.name);
  }
  BOOST_TEST(run.has_series("link_drops", "nat1"));
  BOOST_TEST(run.total("dropped", "nat1") == 0);
  BOOST_TEST(run.total("refused", "nat1") == 0);
  // What both clients sent and got went through it.
  const double of_clients = run.total("packets_out", "c1") + run.total("packets_out", "c2") +
                            run.total("packets_in", "c1") + run.total("packets_in", "c2");
  BOOST_TEST(run.total("translated", "nat1") == of_clients);
  BOOST_TEST(run.maximum("tcp_ports", "nat1") == 1000);
  // The default quarantine keeps the port of every connection until the end of the run.
  BOOST_TEST(run.maximum("tcp_ports_in_use", "nat1") == 150);
  BOOST_TEST(run.maximum("udp_ports_in_use", "nat1") >= 1);
  BOOST_TEST(run.maximum("mappings", "nat1") >= 151);
}

BOOST_AUTO_TEST_CASE(show_the_outside_one_client_with_ports_of_their_own) {
  const TracedRun run(behind_a_box());
  const auto sessions = connections_of(run.trace(), "session");
  const auto translations = connections_of(run.trace(), "translation");
  const auto clients = connections_of(run.trace(), "client");
  BOOST_REQUIRE_EQUAL(clients.size(), 150u);
  std::set<std::string> outer;
  for (const ConnectionRow& session : sessions) {
    BOOST_REQUIRE_EQUAL(host_of(session.source), "203.0.113.1");
    BOOST_REQUIRE(port_of(session.source) >= 2000 && port_of(session.source) <= 2999);
    outer.insert(session.protocol + session.source);
  }
  std::set<std::string> translated;
  std::set<std::string> inside;
  for (const ConnectionRow& row : translations) {
    BOOST_REQUIRE_EQUAL(row.object, "nat1");
    BOOST_REQUIRE_EQUAL(row.destination, row.translated_destination);
    BOOST_REQUIRE(translated.insert(row.protocol + row.translated_source).second);
    if (row.protocol == "tcp") inside.insert(row.source);
  }
  BOOST_TEST((outer == translated));
  for (const ConnectionRow& client : clients) BOOST_REQUIRE(inside.contains(client.source));
}

// A ladder has a lane for the box: what came in and what went out, with both flows.
BOOST_AUTO_TEST_CASE(stand_in_the_packets_of_a_connection_with_both_flows) {
  RunOptions options;
  options.packets = worlds::PacketKeeping::all;
  const TracedRun run(behind_a_box(), options);
  const auto kept = run.trace().packet_connections(1, 1);
  BOOST_REQUIRE_EQUAL(kept.size(), 1u);
  BOOST_TEST(host_of(kept[0].source) == "100.64.0.1");
  BOOST_TEST(host_of(kept[0].translated_source) == "203.0.113.1");
  BOOST_TEST(host_of(kept[0].translated_destination).starts_with("192.168.1."));
  std::vector<std::string> passed;  // by the SYN
  for (const trace::PacketRow& packet : run.trace().packets(kept[0].first_packet, 200)) {
    if (packet.connection != kept[0].id || packet.tcp_flags != 0x02) continue;
    passed.push_back(packet.object + " " + std::string(to_string(packet.action)) + " " +
                     host_of(packet.source));
  }
  const std::vector<std::string> expected{"c1 sent 100.64.0.1",
                                          "nat1 received 100.64.0.1",
                                          "nat1 forwarded 203.0.113.1",
                                          "balancer received 203.0.113.1",
                                          "balancer forwarded 203.0.113.1",
                                          "b1 received 203.0.113.1"};
  BOOST_TEST(passed == expected, boost::test_tools::per_element());
}

// FTC-S19. The box draws a port for each new connection of c2, any of its N alike, whatever c1
// holds towards the other balancer: K of them. Each draw meets one with the probability K / N.
BOOST_AUTO_TEST_CASE(let_connections_meet_as_often_as_the_overlap_model_says) {
  const auto loaded = language::ScenarioFile::load(std::string(ELBLAB_SOURCE_DIR) +
                                                   "/scenarios/five-tuple/FTC-S19.elb.yaml");
  BOOST_REQUIRE(loaded.file);
  unsigned with_few = 0;
  for (const auto& [run, seeds] : {std::pair("symptom", 2), std::pair("more_ports", 2)}) {
    const language::Scenario scenario = run_of(*loaded.file, run);
    const config::Nat& nat = scenario.middleboxes.front().nat;
    const auto ports = static_cast<double>(nat.ports.size() * nat.addresses.size());
    const double held = scenario.workloads.front().parameters.connections;
    const Meetings met = meetings_of(scenario, static_cast<std::uint64_t>(seeds));
    BOOST_TEST(met.draws == 500u * static_cast<unsigned>(seeds));
    BOOST_TEST_MESSAGE(run << ": " << met.conflicts << " of " << met.draws << ", expected "
                           << met.draws * held / ports);
    // No more than one connection is being replaced, or held twice, at a time: K ± 1; and of the N
    // ports no more than one is c2's own.
    BOOST_TEST(at_most(met.draws, (held - 1) / ports, met.conflicts) > kRare);
    BOOST_TEST(at_least(met.draws, (held + 1) / (ports - 1), met.conflicts) > kRare);
    if (with_few == 0) {
      with_few = met.conflicts;
    } else {
      BOOST_TEST(met.conflicts < with_few);
    }
  }
}

// In sequence both balancers are given the same ports: at least the first K connections of c2 meet
// those of c1.
BOOST_AUTO_TEST_CASE(make_conflicts_the_rule_when_they_give_ports_in_sequence) {
  const auto loaded = language::ScenarioFile::load(std::string(ELBLAB_SOURCE_DIR) +
                                                   "/scenarios/five-tuple/FTC-S19.elb.yaml");
  BOOST_REQUIRE(loaded.file);
  const language::Scenario scenario = run_of(*loaded.file, "sequential");
  const Meetings met = meetings_of(scenario, 1);
  BOOST_TEST(met.conflicts >= scenario.workloads.front().parameters.connections);
}

BOOST_AUTO_TEST_CASE(cause_no_conflict_where_a_port_stands_for_one_client) {
  const auto loaded = language::ScenarioFile::load(std::string(ELBLAB_SOURCE_DIR) +
                                                   "/scenarios/five-tuple/FTC-S19.elb.yaml");
  BOOST_REQUIRE(loaded.file);
  BOOST_TEST(meetings_of(run_of(*loaded.file, "remedy"), 1).conflicts == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
