// What the balancer itself turns away, and SYNs that meet TIME_WAIT on a server.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using telemetry::Reason;

constexpr int kEnd = kSeconds + 1;

// SYNs of 20 connects per second, dropped by the balancer for this reason.
MadeTrace dropped_syns(Reason reason, std::uint16_t port = 80) {
  MadeTrace run;
  leave_unanswered(run, 20, 20);
  run.add("dropped(balancer)", between(20, kEnd, 100))
      .add("packets_out(c1)", between(20, kEnd, 100));
  run.drops({.reason = reason, .per_second = 100, .from = 20, .to = kEnd, .port = port});
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refusals)

BOOST_AUTO_TEST_CASE(a_full_connection_table_is_told_by_what_it_dropped) {
  auto run = dropped_syns(Reason::table_full);
  run.set("m1_cps(balancer)", 500).set("m2_act_conn(balancer)", 450);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"connection_table_full"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.evidence[0].text ==
             "the balancer dropped 8,100 SYNs because its connection table was full, the first at "
             "19.0 s");
  BOOST_TEST(finding.evidence[1].text == "m1_cps(balancer) stood at 500, 450 of them established");
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(a_table_that_was_full_for_a_moment_and_harmed_nobody_is_none) {
  MadeTrace run;
  run.drops({.reason = Reason::table_full, .per_second = 2, .from = 50, .to = 51});
  run.add("dropped(balancer)", between(50, 51, 2)).add("packets_out(c1)", between(50, 51, 2));
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "connection_table_full").starts_with("2 packets found it full"));
}

BOOST_AUTO_TEST_CASE(a_table_held_by_requests_that_wait_for_a_cpu_is_the_cpus_doing) {
  auto run = dropped_syns(Reason::table_full);
  run.set("cpu(b1)", between(20, kEnd, 100)).set("requests_waiting(b1)", between(20, kEnd, 500));
  run.set("served(b1)", between(20, kEnd, 25)).set("established(b1)", between(20, kEnd, 500));
  run.set("established(c1)", between(20, kEnd, 500)).set("open(c1)", between(20, kEnd, 600));
  run.add("responses(load)", between(20, kEnd, -25));
  run.add("request_failures(load)", between(30, kEnd, 25));
  run.set("m1_cps(balancer)", between(20, kEnd, 500));
  run.ended(Reason::reset_by_local, 100, 30);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"server_cpu"});
}

// LIFE-27
BOOST_AUTO_TEST_CASE(a_frozen_balancer_is_told_by_what_it_dropped) {
  auto run = dropped_syns(Reason::frozen);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"balancer_halted"});
  BOOST_TEST(diagnosis.found[0].title == "the load balancer frozen");
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(check_queries(run) == 1U);
}

BOOST_AUTO_TEST_CASE(a_port_without_a_listener_is_told_by_its_number) {
  auto run = dropped_syns(Reason::no_listener, 8443);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"no_listener"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].evidence[0].text ==
             "8,100 packets to 198.51.100.10:8443 found none, the first at 19.0 s");
}

BOOST_AUTO_TEST_CASE(strangers_that_try_ports_are_nothing_wrong) {
  MadeTrace run;
  run.drops({.reason = Reason::no_listener, .per_second = 20, .port = 23});
  run.add("dropped(balancer)", 20).add("m5_in_pps(balancer)", 20).add("packets_out(c1)", 20);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(is_ruled_out(diagnosis, "no_listener"));
}

BOOST_AUTO_TEST_CASE(what_an_access_list_refuses_is_told_by_its_kind) {
  auto run = dropped_syns(Reason::access_control);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"refused_by_rules"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_REQUIRE_EQUAL(diagnosis.found[0].evidence.size(), 1u);
  BOOST_TEST(diagnosis.found[0].evidence[0].text ==
             "the access list of a listener refused 8,100 packets, the first at 19.0 s");
  BOOST_TEST(check_queries(run) == 1U);
}

BOOST_AUTO_TEST_CASE(strangers_that_rules_keep_out_are_nothing_wrong) {
  MadeTrace run;
  run.drops({.reason = Reason::access_control, .per_second = 20});
  run.add("dropped(balancer)", 20).add("m5_in_pps(balancer)", 20).add("packets_out(c1)", 20);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "refused_by_rules") ==
                 "rules refused 1,980 packets, no request of the workloads among them",
             because(diagnosis, "refused_by_rules"));
}

BOOST_AUTO_TEST_CASE(of_a_capture_it_cannot_be_told_whether_users_wanted_the_port) {
  MadeTrace run;
  run.as_capture();
  run.sessions({.server = "app/b1", .per_second = 50});
  run.drops({.reason = Reason::no_listener, .per_second = 20, .port = 23});
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(is_not_observable(diagnosis, "no_listener"));
}

BOOST_AUTO_TEST_CASE(a_group_without_a_server_in_service_is_told_with_its_weights) {
  MadeTrace run;
  fail_half(run, 20);
  run.set("failed(c1)", between(20, kEnd, 50)).set("resets_received(c1)", between(20, kEnd, 50));
  run.ended(Reason::refused_by_peer, 4050, 20);
  run.add("dropped(balancer)", between(20, kEnd, 50));
  run.set("packets_made(balancer)", between(20, kEnd, 50));
  run.drops({.reason = Reason::no_server, .per_second = 50, .from = 20, .to = kEnd});
  for (const char* server : {"app/b1", "app/b2"}) {
    run.set("weight(" + std::string(server) + ")", between(1, 20, 1));
  }
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"no_server"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.evidence[0].text ==
             "the balancer refused 4,050 SYNs by RST for want of a server, the first at 19.0 s");
  BOOST_TEST(finding.evidence[1].text ==
             "no server of group app (app/b1 and app/b2) had a weight from 19.0 s to 100.0 s");
}

BOOST_AUTO_TEST_CASE(a_group_that_rests_while_nobody_asks_for_it_is_nothing_wrong) {
  MadeTrace run;
  run.with("night/b1", telemetry::MeasureScope::server);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "no_server") == "there was always one");
}

BOOST_AUTO_TEST_CASE(syns_refused_for_time_wait_are_told_by_the_servers_count) {
  MadeTrace run;
  leave_unanswered(run, 20, 20);
  run.set("time_wait_refused(b1)", between(20, kEnd, 100)).set("time_wait(b1)", 800);
  run.set("time_wait_reused(b1)", 3);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"time_wait_refused"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.evidence[0].text ==
             "8,100 SYNs met TIME_WAIT on b1 and were answered by an ACK, the first at 19.0 s; 300 "
             "were accepted");
  BOOST_TEST(check_queries(run) == 2U);
}

// The client's RST clears the way, and its second SYN is taken 8 ms later.
BOOST_AUTO_TEST_CASE(refused_syns_that_the_second_try_makes_good_are_nothing_wrong) {
  MadeTrace run;
  run.set("time_wait_refused(b1)", 5).set("syn_retransmissions(c1)", 5);
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(a_few_refused_for_time_wait_do_not_explain_what_is_lost) {
  MadeTrace run;
  run.add("packets_in(b1)", -25).add("retransmissions(c1)", 25);
  leave_unanswered(run, 1, 5);
  run.set("time_wait_refused(b1)", between(50, 60, 5));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"packet_loss"});
  BOOST_TEST(is_ruled_out(diagnosis, "time_wait_refused"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
