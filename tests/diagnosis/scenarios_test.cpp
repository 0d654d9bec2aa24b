// Simulated runs whose fault is known: what the diagnosis says of them. The scenarios of the
// catalogue, and small ones with a fault injected.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "analysis/diagnosis/diagnosis.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::diagnosis {
namespace {

Diagnosis diagnose(const language::Scenario& scenario, std::uint64_t seed) {
  const testing::TemporaryFolder folder;
  sim::RunOptions options;
  options.seed = seed;
  options.trace = folder / "t.db";
  const auto result = must(sim::run(scenario, options));
  const auto reader = must(trace::Reader::open(options.trace));
  return diagnosis::diagnose(*reader);
}

Diagnosis of_file(const std::string& path, const std::string& run) {
  const auto loaded = language::ScenarioFile::load(std::string(ELBLAB_SOURCE_DIR) + "/" + path);
  BOOST_REQUIRE(loaded.file);
  const auto decoded = loaded.file->decode(run);
  BOOST_REQUIRE(decoded.scenario);
  return diagnose(*decoded.scenario, 1);
}

Diagnosis of_catalogue(const std::string& path, const std::string& run) {
  return of_file("scenarios/" + path, run);
}

// A case that somebody met, in the folder cases/.
Diagnosis of_case(const std::string& name, const std::string& run) {
  return of_file("tests/diagnosis/cases/" + name + ".elb.yaml", run);
}

// Three servers, two clients, 120 short connections per second for 30 s, and what a line changes.
Diagnosis of_fault(const std::string& fault) {
  const std::string text = R"(
scenario: T-1
title: a fault
profile: dedicated
hosts:
  c[1..2]: {role: client, link: {rate: 1Gbps, delay: 3ms}}
  b[1..3]: {role: server, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
  groups:
    app: {servers: {"b[1..3]": {port: 90}}}
workload:
  load: {from: "c[1..2]", to: web, short_connections: 120/s, for: 30s, request: 200B,
         response: 4KB, request_timeout: 5s, arrivals: poisson}
runs:
  fault: {set: {)" + fault +
                           "}}\n";
  const auto loaded = language::ScenarioFile::parse(text, "T-1.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file);
  const auto decoded = loaded.file->decode("fault");
  for (const auto& error : decoded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(decoded.scenario);
  return diagnose(*decoded.scenario, 7);
}

std::vector<std::string> causes_of(const Diagnosis& diagnosis) {
  std::vector<std::string> causes;
  for (const Finding& finding : diagnosis.found) {
    if (finding.confidence != Confidence::possible) causes.push_back(finding.cause);
  }
  std::sort(causes.begin(), causes.end());
  return causes;
}

void check(const Diagnosis& diagnosis, const std::vector<std::string>& causes) {
  const auto found = causes_of(diagnosis);
  BOOST_TEST(found == causes, boost::test_tools::per_element());
}

// Eight QUIC connections that move every 5 s, a request per second on each, and what a line
// changes.
Diagnosis of_quic(const std::string& fault) {
  const std::string text = R"(
scenario: T-1
title: QUIC clients that move
profile: dedicated
hosts:
  c:       {role: client, addresses: 8, link: {rate: 1Gbps, delay: 3ms}}
  b[1..2]: {role: server, link: {rate: 1Gbps, delay: 200us}}
balancer:
  listeners:
    web: {protocol: udp, port: 443, group: app}
  groups:
    app: {protocol: quic, servers: {"b[1..2]": {port: 443}}}
workload:
  load: {from: c, to: web, quic: 8, requests: 8/s, address_change: 5s, for: 40s, request: 200B,
         response: 1KB, request_timeout: 3s}
runs:
  fault: {set: {)" + fault +
                           "}}\n";
  const auto loaded = language::ScenarioFile::parse(text, "T-1.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(loaded.file);
  const auto decoded = loaded.file->decode("fault");
  for (const auto& error : decoded.errors) BOOST_TEST_MESSAGE(error.to_string());
  BOOST_REQUIRE(decoded.scenario);
  return diagnose(*decoded.scenario, 7);
}

constexpr const char* kBusyCpu = R"("hosts.b[1..3].service": {cpus: 1, cpu_time: 40ms})";
constexpr const char* kSlowAccept = R"(hosts.b2.service: {backlog: 32, accept_rate: 12/s})";
constexpr const char* kFewPorts =
    R"("hosts.c[1..2].sysctl.net.ipv4.ip_local_port_range": 32768 33267)";
constexpr const char* kNarrow = R"(balancer.eip: {bandwidth: 3Mbps, burst: 64KB, queue: 64KB})";

}  // namespace

BOOST_AUTO_TEST_SUITE(causes_of_simulated_runs)

BOOST_AUTO_TEST_CASE(two_connections_with_one_tuple_are_told_and_none_where_each_has_its_own) {
  check(of_catalogue("five-tuple/FTC-S01.elb.yaml", "symptom"), {"five_tuple_conflict"});
  check(of_catalogue("five-tuple/FTC-S03.elb.yaml", "symptom"), {"five_tuple_conflict"});
  check(of_catalogue("five-tuple/FTC-S07.elb.yaml", "kept"), {"five_tuple_conflict"});
  check(of_catalogue("five-tuple/FTC-S13.elb.yaml", "one_port"), {"five_tuple_conflict"});
  BOOST_TEST(of_catalogue("five-tuple/FTC-S01.elb.yaml", "remedy").nothing_wrong());
  BOOST_TEST(of_catalogue("five-tuple/FTC-S03.elb.yaml", "remedy").nothing_wrong());
  BOOST_TEST(of_catalogue("five-tuple/FTC-S13.elb.yaml", "own_ports").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(a_dead_server_of_several_balancers_is_told_from_loss) {
  check(of_catalogue("five-tuple/FTC-S18.elb.yaml", "dead_server"), {"dead_server"});
}

BOOST_AUTO_TEST_CASE(the_queue_of_st_05_is_full_or_long) {
  check(of_catalogue("stress/ST-05.elb.yaml", "overflow"), {"accept_queue"});
  const auto raised = of_catalogue("stress/ST-05.elb.yaml", "raised");
  check(raised, {"accept_queue"});
  BOOST_TEST(raised.found[0].title == "accept queue long: the program accepts too slowly");
  BOOST_TEST(of_catalogue("stress/ST-05.elb.yaml", "faster").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(the_pool_of_st_07_is_used_up_only_in_full_nat) {
  check(of_catalogue("stress/ST-07.elb.yaml", "one_server"), {"balancer_ports"});
  check(of_catalogue("stress/ST-07.elb.yaml", "two_servers"), {"balancer_ports"});
  BOOST_TEST(of_catalogue("stress/ST-07.elb.yaml", "direct").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(the_cpu_of_st_01_is_busy) {
  check(of_catalogue("stress/ST-01.elb.yaml", "impatient"), {"server_cpu"});
  BOOST_TEST(of_catalogue("stress/ST-01.elb.yaml", "faster").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(the_address_of_st_02_and_st_03_is_too_narrow) {
  check(of_catalogue("stress/ST-02.elb.yaml", "exceeded"), {"bandwidth"});
  check(of_catalogue("stress/ST-02.elb.yaml", "tcp"), {"bandwidth"});
  BOOST_TEST(of_catalogue("stress/ST-02.elb.yaml", "tcp_wide").nothing_wrong());
  check(of_catalogue("stress/ST-03.elb.yaml", "bursts"), {"bandwidth"});
  BOOST_TEST(of_catalogue("stress/ST-03.elb.yaml", "smooth").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(a_closed_port_and_a_dead_server_are_named) {
  const auto closed = of_catalogue("faults/FLT-01.elb.yaml", "one_closed");
  check(closed, {"dead_server"});
  BOOST_TEST(closed.verdict == "nobody listens on the port of app/b1");
  BOOST_TEST(of_catalogue("faults/FLT-01.elb.yaml", "open").nothing_wrong());
  const auto dead = of_catalogue("faults/HC-S05.elb.yaml", "dead");
  check(dead, {"dead_server"});
  BOOST_TEST(dead.verdict == "app/b1 is gone or cut off");
}

// One request in so many is reset with its connection, and those who wait for nothing are not.
BOOST_AUTO_TEST_CASE(connections_that_end_idle_and_unused_are_nothing_wrong) {
  BOOST_TEST(of_catalogue("timeouts/TO-S03.elb.yaml", "ten").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(an_answer_that_takes_longer_than_the_idle_timeout_is_told) {
  const auto diagnosis = of_case("long-query", "run");
  check(diagnosis, {"idle_timeout"});
  BOOST_TEST(diagnosis.found[0].explains > 0.95);
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
}

BOOST_AUTO_TEST_CASE(a_flood_that_fills_the_connection_table_is_told) {
  check(of_case("connection-table-full", "run"), {"connection_table_full"});
}

BOOST_AUTO_TEST_CASE(syns_that_meet_time_wait_are_told) {
  check(of_case("time-wait-refusal", "run"), {"time_wait_refused"});
}

BOOST_AUTO_TEST_CASE(a_closed_udp_port_is_told_whatever_the_limit_of_its_unreachables) {
  for (const char* run : {"limited", "unlimited"}) {
    const auto diagnosis = of_case("udp-closed-port", run);
    check(diagnosis, {"dead_server"});
    BOOST_TEST(diagnosis.verdict == "the UDP port of app/b1 is closed");
  }
}

BOOST_AUTO_TEST_CASE(a_flow_of_datagrams_whose_server_dies_is_told) {
  const auto diagnosis = of_case("udp-flow-to-dead-server", "run");
  check(diagnosis, {"dead_server"});
  BOOST_TEST(diagnosis.verdict == "app/b1 is gone or cut off");
}

BOOST_AUTO_TEST_CASE(an_accept_queue_is_found_by_its_overflows_and_not_ruled_out_by_its_samples) {
  const auto overflowing = of_case("accept-queue-between-samples", "backlog_50");
  check(overflowing, {"accept_queue"});
  BOOST_TEST(overflowing.found[0].explains > 0.9);
  BOOST_TEST((overflowing.found[0].confidence == Confidence::certain));
  const auto unseen = of_case("accept-queue-between-samples", "backlog_1024");
  check(unseen, {});
  const bool untold =
      std::any_of(unseen.not_observable.begin(), unseen.not_observable.end(),
                  [](const Finding& finding) { return finding.cause == "accept_queue"; });
  BOOST_TEST(untold);
}

BOOST_AUTO_TEST_CASE(one_port_towards_two_listeners_of_one_server_is_told_and_helped_by_full_nat) {
  check(of_case("one-port-two-listeners", "preserved"), {"five_tuple_conflict"});
  BOOST_TEST(of_case("one-port-two-listeners", "fullnat").nothing_wrong());
}

// Out after the first failed probe: 7 of 1,200 connects met it.
BOOST_AUTO_TEST_CASE(a_server_that_refuses_is_named_with_when_its_check_took_it_out) {
  const auto diagnosis = of_case("refusing-server-is-taken-out", "run");
  BOOST_REQUIRE(!diagnosis.found.empty());
  BOOST_TEST(diagnosis.found[0].cause == "dead_server");
}

BOOST_AUTO_TEST_CASE(udp_sessions_that_end_by_the_idle_timeout_are_nothing_wrong) {
  BOOST_TEST(of_case("udp-sessions-end-idle", "symptom").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(quic_clients_that_move_lose_their_server_where_it_is_not_found_by_their_id) {
  for (const char* run : {"by_address", "per_node"}) {
    const auto diagnosis = of_catalogue("imbalance/IMB-16.elb.yaml", run);
    check(diagnosis, {"quic_address_change"});
    BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
    BOOST_TEST(diagnosis.unexplained < 0.01);
  }
  BOOST_TEST(of_catalogue("imbalance/IMB-16.elb.yaml", "by_id").nothing_wrong());
}

// The same clients, whom their IDs lead to their server, and that is not there.
BOOST_AUTO_TEST_CASE(a_dead_server_of_quic_clients_is_no_change_of_address) {
  BOOST_TEST(of_quic("workload.load.retries: 0").nothing_wrong());
  for (const char* fault :
       {"timeline: [{at: 15s, link_down: b1}]", "timeline: [{at: 15s, stop_service: b1}]"}) {
    check(of_quic(fault), {"dead_server"});
  }
}

BOOST_AUTO_TEST_CASE(connections_that_are_cut_when_stickiness_is_over_are_told) {
  check(of_catalogue("stickiness/STK-S20.elb.yaml", "cut"), {"stickiness_over"});
  BOOST_TEST(of_catalogue("stickiness/STK-S20.elb.yaml", "continues").nothing_wrong());
}

BOOST_AUTO_TEST_CASE(resets_of_the_balancer_do_not_hide_what_is_lost) {
  const auto diagnosis = of_case("no-server-and-loss", "symptom");
  check(diagnosis, {"no_server", "packet_loss"});
  BOOST_TEST(diagnosis.found[0].cause == "no_server");
}

BOOST_AUTO_TEST_CASE(one_fault_at_a_time_is_found_alone) {
  check(of_fault(kBusyCpu), {"server_cpu"});
  check(of_fault(kSlowAccept), {"accept_queue"});
  check(of_fault(kFewPorts), {"client_ports"});
  check(of_fault(kNarrow), {"bandwidth"});
  check(of_fault("hosts.b1.link.loss: 5%"), {"packet_loss"});
}

BOOST_AUTO_TEST_CASE(two_faults_at_once_are_both_found) {
  const auto with = [](const char* a, const char* b) {
    return of_fault(std::string(a) + ", " + b);
  };
  check(with(kFewPorts, kSlowAccept), {"accept_queue", "client_ports"});
  check(with(kNarrow, kSlowAccept), {"accept_queue", "bandwidth"});
  check(with(R"(hosts.b1.service: {cpus: 1, cpu_time: 50ms})", kSlowAccept),
        {"accept_queue", "server_cpu"});
  check(with(R"(hosts.b1.service: {cpus: 1, cpu_time: 80ms})", kFewPorts),
        {"client_ports", "server_cpu"});
}

BOOST_AUTO_TEST_CASE(nothing_is_found_where_nothing_is_wrong) {
  BOOST_TEST(of_fault("workload.load.response: 2KB").nothing_wrong());
  // 40 requests per second and server × 33 ms on two CPUs: two thirds of what they can do
  BOOST_TEST(of_fault(R"("hosts.b[1..3].service": {cpus: 2, cpu_time: 33ms})").nothing_wrong());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis
