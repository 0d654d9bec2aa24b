// Servers that are found healthy and do not serve, and dead ones that a check finds in time.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using net::Protocol;
using telemetry::Reason;

constexpr int kEnd = kSeconds + 1;

// The UDP port of b1 is closed from second 10 on, and its nodes find it healthy.
MadeTrace closed_udp_port(double sent, double limited) {
  MadeTrace run;
  for (const char* measure :
       {"opened(c1)", "connected(c1)", "accepted(b1)", "accepted(b2)", "time_wait(c1)"}) {
    run.set(measure, 0);
  }
  run.checked("udp");
  run.set("udp_sent(c1)", kRate)
      .set("packets_out(c1)", kRate)
      .set("packets_in(c1)", kRate / 2 + sent);
  run.set("packets_in(b1)", kRate / 2).set("packets_out(b1)", sent).set("served(b1)", 0);
  run.set("icmp_unreachable_sent(b1)", between(10, kEnd, sent));
  run.set("icmp_rate_limited(b1)", between(10, kEnd, limited));
  run.set("udp_received(b1)", between(1, 10, kRate / 2));
  run.set("udp_sent(b1)", between(1, 10, kRate / 2));
  run.set("packets_in(b2)", kRate / 2).set("packets_out(b2)", kRate / 2);
  run.set("udp_received(b2)", kRate / 2).set("udp_sent(b2)", kRate / 2);
  run.set("m5_in_pps(balancer)", kRate).set("m6_out_pps(balancer)", kRate / 2 + sent);
  fail_half(run, 12);
  run.add("responses(load)", between(10, 12, -50));
  for (const char* server : {"app/b1", "app/b2"}) {
    run.sessions({.server = server,
                  .reason = Reason::run_ended,
                  .per_second = 50,
                  .protocol = Protocol::udp});
  }
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(falsely_healthy)

BOOST_AUTO_TEST_CASE(port_unreachables_that_are_held_back_hide_a_dead_service) {
  auto run = closed_udp_port(1, 49);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"icmp_rate_limit"});
  BOOST_TEST(diagnosis.found[0].explains > 0.9);
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].steps.back().starts_with("ICMP rate limit: here"));
  const auto symptoms = names(diagnosis.symptoms);
  BOOST_TEST((std::count(symptoms.begin(), symptoms.end(), "falsely_healthy") == 1));
}

BOOST_AUTO_TEST_CASE(a_dead_service_that_is_found_in_time_is_dead_until_then) {
  auto run = closed_udp_port(1, 49);
  run.failed_probes({.reason = Reason::port_unreachable, .from = 12});
  run.set("icmp_rate_limited(b1)", between(10, 22, 49));
  run.set("icmp_unreachable_sent(b1)", between(10, 22, 1));
  run.set("request_failures(load)", between(12, 22, 50));
  run.set("responses(load)", [](int s) { return s < 10 || s >= 22 ? 100 : 50; });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server", "port_not_listening"});
  BOOST_TEST(diagnosis.found[0].evidence[0].text.find("its health check took it out at 22.0 s") !=
                 std::string::npos,
             diagnosis.found[0].evidence[0].text);
}

BOOST_AUTO_TEST_CASE(port_unreachables_that_a_firewall_drops_hide_it_too) {
  auto run = closed_udp_port(50, 0);
  run.dropped_probes({.reason = Reason::host_firewall,
                      .to_server = false,
                      .protocol = Protocol::icmp,
                      .from = 10});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"silent_udp"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
}

BOOST_AUTO_TEST_CASE(what_becomes_of_port_unreachables_may_not_be_seen) {
  auto run = closed_udp_port(50, 0);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"silent_udp"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::likely));
}

BOOST_AUTO_TEST_CASE(port_unreachables_that_come_too_late_are_a_short_timeout) {
  auto run = closed_udp_port(50, 0);
  run.set("probe_answer_time(app/b1)", 1800);  // of 3 s, for an echo and then a datagram
  check_found(run.diagnose(), {"short_timeout"});
}

BOOST_AUTO_TEST_CASE(probes_alone_may_use_up_the_limit) {
  MadeTrace run;
  run.checked("udp", "interval_s=1 timeout_s=1");
  run.set("icmp_unreachable_sent(b1)", 1).set("icmp_rate_limited(b1)", 3);
  run.set("probes(app/b1)", 4);
  check_found(run.diagnose(), {"icmp_rate_limit"});
}

BOOST_AUTO_TEST_CASE(unreachables_of_another_port_are_no_dead_service) {
  MadeTrace run;
  run.checked("udp");
  run.set("icmp_unreachable_sent(b1)", 1).set("icmp_rate_limited(b1)", 3);
  run.set("udp_received(b1)", kRate / 2);
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(datagrams_of_probes_that_rules_drop_are_taken_for_health) {
  MadeTrace run;
  run.checked("udp");
  run.dropped_probes({.protocol = Protocol::udp, .from = 5});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"silent_udp"});
}

BOOST_AUTO_TEST_CASE(a_service_that_takes_datagrams_and_answers_none_is_told) {
  auto run = closed_udp_port(0, 0);
  run.set("udp_received(b1)", kRate / 2);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"silent_service"});
}

// Seen in UHC-07 without load: the users had gone, and what b2 took were the probes of four nodes,
// which end three seconds after their datagrams came.
BOOST_AUTO_TEST_CASE(datagrams_of_probes_alone_make_no_silent_service) {
  auto run = closed_udp_port(1, 49);
  const auto until_10 = [](double value) { return between(1, 10, value); };
  for (const char* measure : {"udp_sent(c1)", "packets_out(c1)", "requests(load)"}) {
    run.set(measure, until_10(kRate));
  }
  run.set("responses(load)", until_10(kRate)).set("request_failures(load)", 0);
  run.set("icmp_unreachable_sent(b1)", 0).set("icmp_rate_limited(b1)", 0);
  for (const char* server : {"app/b1", "app/b2"}) {
    run.set("scheduled(" + std::string(server) + ")", until_10(kRate / 2));
  }
  run.set("udp_sent(b2)", until_10(kRate / 2));
  run.set("udp_received(b2)", [](int s) { return s < 10 ? kRate / 2 : s % 5 == 1 ? 4 : 0; });
  run.set("probes(app/b2)", [](int s) { return s % 5 == 4 ? 4 : 0; });
  const auto found = names(run.diagnose().found);
  BOOST_TEST((std::count(found.begin(), found.end(), "silent_service") == 0));
}

BOOST_AUTO_TEST_CASE(a_closed_service_beside_an_open_probed_port_is_a_wrong_port) {
  MadeTrace run;
  run.checked("tcp", "port=8080");
  fail_half(run, 20);
  run.set("failed(c1)", between(20, kEnd, 50)).set("resets_received(c1)", between(20, kEnd, 50));
  run.ended(Reason::refused_by_peer, 50 * (kEnd - 20), 20);
  run.sessions({.server = "app/b1", .per_second = 50, .to = 20});
  run.sessions({.server = "app/b1",
                .reason = Reason::reset_by_server,
                .per_second = 50,
                .from = 20,
                .established = false,
                .bytes_sent = 0,
                .bytes_received = 0});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"service_port"});
  BOOST_TEST(diagnosis.found[0].explains > 0.9);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
