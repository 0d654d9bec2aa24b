// Servers that are dead in one way or another, and servers that are not although it looks like it.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using telemetry::Reason;

constexpr int kEnd = kSeconds + 1;

// Half of the connects are answered by RST from a second on.
void refuse_half(MadeTrace& run, int from) {
  fail_half(run, from);
  run.set("failed(c1)", between(from, kEnd, 50));
  run.set("resets_received(c1)", between(from, kEnd, 50));
  run.add("connected(c1)", between(from, kEnd, -50));
  run.ended(Reason::refused_by_peer, 50 * (kEnd - from), from);
}

MadeTrace closed_port() {
  MadeTrace run;
  refuse_half(run, 20);
  run.set("resets_sent(b1)", between(20, kEnd, 50)).add("accepted(b1)", between(20, kEnd, -50));
  run.sessions({.server = "app/b1", .per_second = 50, .to = 20});
  run.sessions({.server = "app/b1",
                .reason = Reason::reset_by_server,
                .per_second = 50,
                .from = 20,
                .established = false,
                .bytes_sent = 0,
                .bytes_received = 0});
  return run;
}

// b1 takes part in 100 flows of datagrams per second; all others answer.
MadeTrace closed_udp_port() {
  MadeTrace run;
  for (const char* measure :
       {"opened(c1)", "connected(c1)", "accepted(b1)", "accepted(b2)", "time_wait(c1)"}) {
    run.set(measure, 0);
  }
  run.set("udp_sent(c1)", kRate).set("packets_out(c1)", kRate).set("packets_in(c1)", kRate / 2);
  run.set("packets_in(b1)", kRate / 2).set("packets_out(b1)", 1);
  run.set("icmp_unreachable_sent(b1)", 1).set("icmp_rate_limited(b1)", kRate / 2 - 1);
  run.set("dropped(b1)", kRate / 2).set("served(b1)", 0);
  run.set("packets_in(b2)", kRate / 2).set("packets_out(b2)", kRate / 2 - 1);
  run.set("udp_received(b2)", kRate / 2).set("udp_sent(b2)", kRate / 2);
  run.set("m5_in_pps(balancer)", kRate).set("m6_out_pps(balancer)", kRate / 2);
  fail_half(run, 3);
  run.add("responses(load)", between(1, 3, -50));
  run.sessions({.server = "app/b1",
                .reason = Reason::run_ended,
                .per_second = 50,
                .bytes_received = 0,
                .protocol = net::Protocol::udp});
  run.sessions({.server = "app/b2",
                .reason = Reason::run_ended,
                .per_second = 50,
                .protocol = net::Protocol::udp});
  return run;
}

// One flow of 20 datagrams per second to b1, which is cut off from second 20 on.
MadeTrace cut_off_in_a_flow() {
  MadeTrace run;
  for (const char* measure :
       {"opened(c1)", "connected(c1)", "accepted(b1)", "accepted(b2)", "time_wait(c1)",
        "scheduled(app/b1)", "scheduled(app/b2)", "packets_in(b2)", "packets_out(b2)"}) {
    run.set(measure, 0);
  }
  run.set("udp_sent(c1)", 20).set("packets_out(c1)", 20);
  run.set("m5_in_pps(balancer)", 20).set("active_connections(app/b1)", 1);
  for (const char* measure : {"packets_in(c1)", "packets_in(b1)", "packets_out(b1)",
                              "m6_out_pps(balancer)", "responses(load)"}) {
    run.set(measure, between(1, 20, 20));
  }
  run.set("requests(load)", 20).set("request_failures(load)", between(22, kEnd, 20));
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dead_servers)

BOOST_AUTO_TEST_CASE(a_closed_port_is_told_by_server_and_count) {
  auto run = closed_port();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST(finding.title == "nobody listens on the port of app/b1");
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains > 0.95);
  BOOST_TEST(finding.evidence[0].text.starts_with(
                 "app/b1 answered 4,000 SYNs by RST and completed no handshakes meanwhile, from "),
             finding.evidence[0].text);
  BOOST_TEST(finding.evidence[0].connections.size() == 5U);
  BOOST_TEST(check_queries(run) == 1U);
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_some_and_takes_others_has_no_closed_port) {
  auto run = closed_port();
  run.sessions({.server = "app/b1", .per_second = 25, .from = 20});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST(diagnosis.found[0].title == "app/b1 refuses some connects and takes others");
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::likely));
}

BOOST_AUTO_TEST_CASE(one_refusal_in_ten_thousand_is_nothing_wrong) {
  MadeTrace run;
  run.set("failed(c1)", between(50, 51, 1)).set("resets_received(c1)", between(50, 51, 1));
  run.ended(Reason::refused_by_peer, 1, 50);
  run.sessions({.server = "app/b1",
                .reason = Reason::reset_by_server,
                .per_second = 1,
                .from = 50,
                .to = 51,
                .established = false});
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(connects_that_the_balancer_refuses_are_no_servers_doing) {
  MadeTrace run;
  refuse_half(run, 20);
  run.add("dropped(balancer)", between(20, kEnd, 50));
  run.set("packets_made(balancer)", between(20, kEnd, 50));
  run.drops({.reason = Reason::no_server, .per_second = 50, .from = 20, .to = kEnd});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"no_server"});
  BOOST_TEST(is_ruled_out(diagnosis, "dead_server"));
}

BOOST_AUTO_TEST_CASE(a_closed_udp_port_is_told_although_its_unreachables_are_limited) {
  auto run = closed_udp_port();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST(finding.title == "the UDP port of app/b1 is closed");
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.evidence[0].text.starts_with(
                 "5,000 datagrams to app/b1 met a closed port: b1 sent 100 ICMP unreachables and "
                 "held 4,900 back for their rate limit"),
             finding.evidence[0].text);
}

BOOST_AUTO_TEST_CASE(unreachables_of_strangers_explain_no_lost_datagrams) {
  auto run = closed_udp_port();
  run.set("icmp_rate_limited(b1)", 0).set("icmp_unreachable_sent(b1)", between(50, 51, 4));
  run.set("udp_received(b1)", kRate / 2 - 25).set("packets_in(b1)", kRate / 2 - 25);
  run.set("packets_out(b1)", kRate / 2 - 25).set("packets_in(c1)", kRate - 26);
  run.set("m6_out_pps(balancer)", kRate - 26).set("dropped(b1)", 0);
  run.set("request_failures(load)", between(3, kEnd, 25)).set("responses(load)", kRate - 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"packet_loss"});
}

BOOST_AUTO_TEST_CASE(a_server_that_is_cut_off_in_a_flow_is_told_from_plain_loss) {
  auto run = cut_off_in_a_flow();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST(diagnosis.found[0].title == "app/b1 is gone or cut off");
  BOOST_TEST(diagnosis.found[0].evidence[0].text.starts_with(
                 "app/b1 had connections while not one packet reached b1, from 19.0 s on"),
             diagnosis.found[0].evidence[0].text);
  BOOST_TEST(is_ruled_out(diagnosis, "packet_loss"));
}

// b1 holds idle connections; the wire of b2 is lossy, in both directions.
BOOST_AUTO_TEST_CASE(a_server_whose_connections_are_idle_is_not_dead_for_the_loss_of_another) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 0).set("active_connections(app/b1)", 5);
  run.set("scheduled(app/b2)", kRate).set("weight(app/b1)", 0);
  run.set("packets_in(b1)", 0).set("packets_out(b1)", 0).set("accepted(b1)", 0);
  run.set("packets_in(b2)", 6 * kRate - 25).set("packets_out(b2)", 4 * kRate);
  run.set("m6_out_pps(balancer)", 4 * kRate - 25).set("packets_in(c1)", 4 * kRate - 25);
  run.add("retransmissions(c1)", 25);
  leave_unanswered(run, 1, 5);
  const auto diagnosis = run.diagnose();
  BOOST_REQUIRE(!diagnosis.found.empty());
  BOOST_TEST(diagnosis.found[0].cause == "packet_loss");
  BOOST_TEST(is_ruled_out(diagnosis, "dead_server"));
}

BOOST_AUTO_TEST_CASE(a_server_out_of_service_that_gets_nothing_is_not_dead) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 0).set("packets_in(b1)", 0).set("packets_out(b1)", 0);
  run.set("scheduled(app/b2)", kRate).set("weight(app/b1)", 0).set("accepted(b2)", kRate);
  run.set("packets_in(b2)", 6 * kRate).set("packets_out(b2)", 4 * kRate);
  BOOST_TEST(is_ruled_out(run.diagnose(), "dead_server"));
}

BOOST_AUTO_TEST_CASE(a_host_that_gets_syns_and_says_nothing_is_dead_unless_it_drops_them) {
  const auto mute = [] {
    MadeTrace run;
    leave_unanswered(run, 20, 50);
    run.set("packets_in(b1)", between(20, kEnd, 5 * 50))
        .set("packets_out(b1)", between(1, 20, 200));
    run.add("packets_in(b1)", between(1, 20, 300)).add("accepted(b1)", between(20, kEnd, -50));
    run.set("packets_out(c1)", [](int s) { return s < 20 ? 600 : 550; });
    run.set("packets_in(c1)", [](int s) { return s < 20 ? 400 : 200; });
    run.sessions({.server = "app/b1",
                  .reason = Reason::timed_out,
                  .per_second = 50,
                  .from = 20,
                  .established = false,
                  .seconds = 60,
                  .bytes_sent = 0,
                  .bytes_received = 0});
    return run;
  };
  auto dead = mute();
  auto diagnosis = dead.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST(diagnosis.found[0].title == "app/b1 answers nothing");
  auto full = mute();
  full.set("listen_overflows(b1)", between(20, kEnd, 250)).set("accept_queue(b1)", 4096);
  check_found(full.diagnose(), {"accept_queue"});
}

BOOST_AUTO_TEST_CASE(a_capture_shows_who_left_every_syn_unanswered_and_that_is_likely_at_most) {
  MadeTrace run;
  run.as_capture();
  run.sessions({.server = "app/b2", .per_second = 50});
  run.sessions({.server = "app/b1", .per_second = 50, .to = 20});
  run.sessions({.server = "app/b1",
                .reason = Reason::timed_out,
                .per_second = 5,
                .from = 20,
                .established = false,
                .seconds = 60,
                .bytes_sent = 0,
                .bytes_received = 0});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::likely));
  BOOST_TEST(diagnosis.found[0].evidence[0].text.starts_with("app/b1 left 400 SYNs"),
             diagnosis.found[0].evidence[0].text);
}

BOOST_AUTO_TEST_CASE(a_capture_of_one_that_leaves_some_syns_unanswered_shows_no_dead_server) {
  MadeTrace run;
  run.as_capture();
  for (const char* server : {"app/b1", "app/b2"})
    run.sessions({.server = server, .per_second = 50});
  run.sessions({.server = "app/b1",
                .reason = Reason::timed_out,
                .per_second = 5,
                .from = 20,
                .established = false,
                .seconds = 60,
                .bytes_sent = 0,
                .bytes_received = 0});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"accept_queue"});
  BOOST_TEST(is_ruled_out(diagnosis, "dead_server"));
}

BOOST_AUTO_TEST_CASE(datagrams_need_no_answer_unless_others_of_the_group_give_one) {
  const auto flows = [](std::uint64_t answers_of_b2) {
    MadeTrace run;
    run.as_capture();
    run.sessions({.server = "app/b1",
                  .reason = Reason::idle_timeout,
                  .per_second = 5,
                  .bytes_received = 0,
                  .protocol = net::Protocol::udp});
    run.sessions({.server = "app/b2",
                  .reason = Reason::idle_timeout,
                  .per_second = 5,
                  .bytes_received = answers_of_b2,
                  .protocol = net::Protocol::udp});
    return run;
  };
  auto one_way = flows(0);
  BOOST_TEST(one_way.diagnose().nothing_wrong());
  auto one_silent = flows(100);
  const auto diagnosis = one_silent.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::likely));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
