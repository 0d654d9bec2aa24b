// Connections that the idle timeout ends: with a request under way, and without.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using telemetry::Reason;

constexpr int kEnd = kSeconds + 1;

// So many connections per second end by the idle timeout: a RST to either side, which arrives.
void end_idle(MadeTrace& run, double per_second, std::uint64_t answered) {
  run.add("idle_timeouts(balancer)", between(20, kEnd, per_second));
  run.add("packets_made(balancer)", between(20, kEnd, 2 * per_second));
  run.add("packets_in(c1)", between(20, kEnd, per_second));
  run.add("packets_in(b1)", between(20, kEnd, per_second));
  run.add("resets_received(c1)", between(20, kEnd, per_second));
  run.add("resets_received(b1)", between(20, kEnd, per_second));
  run.sessions({.server = "app/b1",
                .reason = Reason::idle_timeout,
                .per_second = static_cast<int>(per_second),
                .to = kEnd - 19,
                .seconds = 19,
                .bytes_received = answered});
  run.ended(Reason::reset_by_peer, static_cast<int>(81 * per_second), 20);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idle_timeouts)

BOOST_AUTO_TEST_CASE(requests_that_are_reset_with_their_idle_connection_are_told) {
  MadeTrace run;
  fail_half(run, 20);
  end_idle(run, 50, 0);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"idle_timeout"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains > 0.95);
  BOOST_TEST(finding.evidence[0].text.starts_with("4,050 requests were reset together"),
             finding.evidence[0].text);
  BOOST_TEST(finding.evidence[1].text ==
             "4,050 connections ended by the idle timeout, from 19.0 s on; none of them lived less "
             "than 19.0 s");
  BOOST_TEST(diagnosis.symptoms[0].text.ends_with("4,050 whose connection was reset"),
             diagnosis.symptoms[0].text);
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(connections_that_end_unused_are_nothing_wrong) {
  MadeTrace run;
  end_idle(run, 20, 1000);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "idle_timeout") ==
             "1,620 connections ended by it, no request with them");
}

BOOST_AUTO_TEST_CASE(resets_of_a_server_are_not_the_idle_timeouts_doing) {
  MadeTrace run;
  fail_half(run, 20);
  end_idle(run, 200, 1000);
  run.add("resets_received(c1)", between(20, kEnd, 50))
      .set("resets_sent(b1)", between(20, kEnd, 50));
  run.ended(Reason::reset_by_peer, 4050, 20);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "idle_timeout"));
  BOOST_TEST(diagnosis.unexplained > 0.95);
}

BOOST_AUTO_TEST_CASE(unused_connections_that_end_do_not_explain_requests_without_an_answer) {
  MadeTrace run;
  run.add("packets_in(b1)", -25).add("retransmissions(c1)", 25);
  leave_unanswered(run, 1, 5);
  end_idle(run, 20, 1000);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"packet_loss"});
  BOOST_TEST(is_ruled_out(diagnosis, "idle_timeout"));
}

BOOST_AUTO_TEST_CASE(late_datagrams_that_find_their_session_ended_are_told) {
  MadeTrace run;
  for (const char* measure : {"opened(c1)", "connected(c1)", "accepted(b1)", "accepted(b2)"}) {
    run.set(measure, 0);
  }
  run.set("udp_sent(c1)", kRate).set("udp_received(b1)", 50).set("udp_received(b2)", 50);
  fail_half(run, 30);
  run.add("responses(load)", between(20, 30, -50));  // they wait for 10 s
  run.set("idle_timeouts(balancer)", between(20, kEnd, 50));
  run.add("dropped(balancer)", between(22, kEnd, 50)).add("packets_in(c1)", between(22, kEnd, -50));
  run.drops({.reason = Reason::no_connection,
             .per_second = 50,
             .from = 22,
             .to = kEnd,
             .protocol = net::Protocol::udp});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"idle_timeout"});
  BOOST_TEST(diagnosis.found[0].evidence[0].text.starts_with(
                 "3,950 answers came when their session had ended already"),
             diagnosis.found[0].evidence[0].text);
}

// 50 late answers per second, at clients who do not know their sender.
MadeTrace strange_answers() {
  MadeTrace run;
  for (const char* measure : {"opened(c1)", "connected(c1)", "accepted(b1)", "accepted(b2)"}) {
    run.set(measure, 0);
  }
  run.set("udp_sent(c1)", kRate).set("udp_received(b1)", 50).set("udp_received(b2)", 50);
  fail_half(run, 30);
  run.add("responses(load)", between(20, 30, -50));
  run.set("idle_timeouts(balancer)", between(20, kEnd, 50));
  run.set("icmp_unreachable_sent(c1)", between(22, kEnd, 1));
  run.set("icmp_rate_limited(c1)", between(22, kEnd, 49));
  return run;
}

BOOST_AUTO_TEST_CASE(late_datagrams_that_go_past_the_balancer_are_told) {
  auto run = strange_answers();
  run.add("m6_out_pps(balancer)", between(22, kEnd, -50));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"idle_timeout"});
  BOOST_TEST(
      diagnosis.found[0].evidence[0].text ==
      "3,950 answers came when their session had ended already, from 21.0 s on: they reached "
      "their clients from an address that these do not know");
}

// Their sessions live, but their users have given up.
BOOST_AUTO_TEST_CASE(late_datagrams_that_the_balancer_sends_are_not_the_idle_timeouts_doing) {
  auto run = strange_answers();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "idle_timeout"));
}

BOOST_AUTO_TEST_CASE(a_capture_shows_requests_that_ended_with_their_session) {
  MadeTrace run;
  run.as_capture();
  run.sessions({.server = "app/b2", .per_second = 50});
  run.sessions({.server = "app/b1",
                .reason = Reason::idle_timeout,
                .per_second = 5,
                .to = 80,
                .seconds = 19,
                .bytes_received = 0});
  run.set("idle_timeouts(balancer)", between(20, kEnd, 5));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"idle_timeout"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
