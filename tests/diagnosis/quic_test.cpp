// QUIC connections that a server does not know: clients that moved, and a server that forgot them.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

constexpr int kFrom = 21;
constexpr int kTo = 81;
constexpr int kEach = 5;  // per second
constexpr int kAll = kEach * (kTo - kFrom);

// Flows of datagrams at app/b1, each from an endpoint of its own.
MadeTrace::Sessions flows(int per_second) {
  MadeTrace::Sessions sessions;
  sessions.server = "app/b1";
  sessions.reason = telemetry::Reason::run_ended;
  sessions.protocol = net::Protocol::udp;
  sessions.per_second = per_second;
  sessions.from = kFrom;
  sessions.to = kTo;
  return sessions;
}

// Five datagrams a second belong to connections that b1 does not know; each fails a request, and
// its client opens another connection there.
MadeTrace disowned() {
  MadeTrace run;
  for (const char* host : {"b1", "b2"}) run.with(host, telemetry::MeasureScope::session_host);
  run.set("udp_received(b1)", between(kFrom, kTo, 3 * kEach));
  run.set("sessions_lost(b1)", between(kFrom, kTo, kEach));
  run.set("sessions_begun(b1)", between(kFrom, kTo, kEach));
  run.sessions(flows(kEach));
  run.add("responses(load)", between(kFrom, kTo, -kEach));
  run.add("request_failures(load)", between(kFrom, kTo, kEach));
  return run;
}

MadeTrace moved() {
  MadeTrace run = disowned();
  run.sessions(flows(kEach));
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quic)

BOOST_AUTO_TEST_CASE(clients_that_come_from_another_address_are_told_by_their_flows) {
  auto run = moved();
  run.algorithm("app", "source_ip_hash");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"quic_address_change"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains == 1);
  BOOST_TEST(diagnosis.unexplained == 0);
  BOOST_TEST(diagnosis.symptoms.at(0).text ==
             "300 of 10,000 requests of load failed: 300 whose server did not know the QUIC "
             "connection and reset it");
  BOOST_REQUIRE(finding.evidence.size() == 3u);
  BOOST_TEST(finding.evidence[0].text ==
             "300 datagrams of QUIC connections met a server that did not know them and reset "
             "them, the first at 20.0 s");
  BOOST_TEST(finding.evidence[1].text ==
             "600 flows of datagrams began at the balancer and 300 connections at servers: 300 "
             "flows went on with a connection from another address or port");
  BOOST_TEST(finding.evidence[2].text ==
             "group app goes by source_ip_hash, which does not look at connection IDs");
  BOOST_TEST(check_queries(run) == 2u);
}

BOOST_AUTO_TEST_CASE(a_group_by_connection_id_that_did_not_know_the_id_is_told_as_such) {
  auto run = moved();
  run.algorithm("app", "connection_id").with("app", telemetry::MeasureScope::quic_group);
  run.set("flows_by_id(app)", between(kFrom, kTo, 2));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"quic_address_change"});
  BOOST_TEST(diagnosis.found[0].evidence.back().text ==
             "group app goes by connection ID; where the one of a flow is not known, by its "
             "address: the IDs of 120 flows were known");
}

// It resets connections over the flows that they always had.
BOOST_AUTO_TEST_CASE(a_server_that_forgot_its_connections_is_no_change_of_address) {
  auto run = disowned();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(because(diagnosis, "quic_address_change") ==
             fmt::format("{} datagrams of unknown connections came from where those connections "
                         "always came from",
                         kAll));
  BOOST_TEST(diagnosis.verdict.starts_with("no known cause explains it"));
}

BOOST_AUTO_TEST_CASE(clients_that_move_to_a_server_that_knows_them_lose_nothing) {
  MadeTrace run;
  for (const char* host : {"b1", "b2"}) run.with(host, telemetry::MeasureScope::session_host);
  run.sessions(flows(kEach));
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "quic_address_change") ==
             "no server met a QUIC connection that it did not know");
}

BOOST_AUTO_TEST_CASE(servers_that_count_users_with_them_do_not_tell) {
  auto run = moved();
  run.with("load", telemetry::MeasureScope::user_workload).set("sessions_begun(load)", 1);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_not_observable(diagnosis, "quic_address_change"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
