// Why a server is found unhealthy: each cause, what looks like it and is not, and two at once.
#include <boost/test/unit_test.hpp>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using net::Protocol;
using telemetry::Reason;

constexpr int kEnd = kSeconds + 1;

// b1 is found unhealthy at second 30, and b2 gets all.
MadeTrace unhealthy(Reason reason, const std::string& protocol = "tcp",
                    const std::string& settings = "", int status = 0) {
  MadeTrace run;
  run.checked(protocol, settings);
  run.failed_probes({.reason = reason, .status = status});
  run.set("scheduled(app/b1)", between(1, 20, kRate / 2));
  run.set("weight(app/b1)", between(1, 30, 1));
  run.add("scheduled(app/b2)", between(20, kEnd, kRate / 2));
  run.add("accepted(b2)", between(20, kEnd, kRate / 2));
  run.add("accepted(b1)", between(20, kEnd, -kRate / 2));
  return run;
}

void silence(MadeTrace& run, const std::string& host, int from) {
  run.set("packets_out(" + host + ")", between(1, from, 2 * kRate));
  run.set("packets_in(" + host + ")", between(1, from, 3 * kRate));
}

// No packet is missing although hosts' own figures were changed.
void lose_nothing(MadeTrace& run) {
  run.set("packets_out(c1)", 0).set("packets_in(c1)", 0);
  for (const char* host : {"b1", "b2"}) {
    run.set(std::string("packets_in(") + host + ")", 5)
        .set(std::string("packets_out(") + host + ")", 5);
  }
}

const Finding& top(const Diagnosis& diagnosis) {
  BOOST_REQUIRE(!diagnosis.found.empty());
  return diagnosis.found.front();
}

void check_step(const Finding& finding, const std::string& last) {
  BOOST_REQUIRE(!finding.steps.empty());
  BOOST_TEST(finding.steps.back().find(last) != std::string::npos, finding.steps.back());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(unhealthy_servers)

BOOST_AUTO_TEST_CASE(who_is_healthy_is_nothing_wrong) {
  MadeTrace run;
  run.checked();
  BOOST_TEST(run.diagnose().nothing_wrong());
  BOOST_TEST(because(run.diagnose(), "port_not_listening") == "");  // not worth a word
}

BOOST_AUTO_TEST_CASE(a_probe_that_fails_once_is_nothing_wrong) {
  MadeTrace run;
  run.checked();
  run.failed_probes({.from = 20, .to = 22, .found = false});
  BOOST_TEST(run.diagnose().nothing_wrong());
}

// What checks keep out from the first moment on has no part in how traffic is shared out.
BOOST_AUTO_TEST_CASE(weights_are_no_cause_where_checks_leave_one_server) {
  MadeTrace run;
  run.checked();
  run.set("healthy(app/b1)", 0).set("weight(app/b1)", 0).set("scheduled(app/b1)", 0);
  run.set("weight(app/b2)", 3).set("scheduled(app/b2)", kRate).set("accepted(b1)", 0);
  const auto symptoms = names(run.diagnose().symptoms);
  BOOST_TEST(std::count(symptoms.begin(), symptoms.end(), "uneven_traffic") == 0);
  BOOST_TEST(because(run.diagnose(), "uneven_weights") != "");
}

BOOST_AUTO_TEST_CASE(nobody_listens_on_the_port_of_the_service) {
  auto run = unhealthy(Reason::refused_by_peer);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"port_not_listening"});
  BOOST_TEST(top(diagnosis).title == "nobody listens on port 80 of app/b1, which is probed");
  BOOST_TEST((top(diagnosis).confidence == Confidence::certain));
  BOOST_TEST(top(diagnosis).explains == 1.0);
  check_step(top(diagnosis), "netstat -anlp | grep 80");
  BOOST_TEST(check_queries(run) == 1U);
  const auto symptoms = names(diagnosis.symptoms);
  BOOST_TEST((std::count(symptoms.begin(), symptoms.end(), "unhealthy_servers") == 1));
}

BOOST_AUTO_TEST_CASE(a_port_of_its_own_is_the_checks_matter) {
  auto run = unhealthy(Reason::refused_by_peer, "tcp", "port=8081");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"check_port"});
  BOOST_TEST(top(diagnosis).title ==
             "the health check of app/b1 asks port 8081, which is not its service's, and nobody "
             "listens there");
}

BOOST_AUTO_TEST_CASE(a_closed_udp_port_is_told_by_port_unreachable) {
  auto run = unhealthy(Reason::port_unreachable, "udp");
  check_found(run.diagnose(), {"port_not_listening"});
}

BOOST_AUTO_TEST_CASE(a_wrong_code_is_told_with_its_path) {
  auto run = unhealthy(Reason::wrong_code, "http", "path=/health", 404);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"wrong_answer"});
  BOOST_TEST(top(diagnosis).title == "probes of app/b1 are answered with 404");
  BOOST_TEST(top(diagnosis).evidence[0].text.find(
                 "192.168.1.1:80/health were answered with 404; healthy is 200, 202, 401") !=
                 std::string::npos,
             top(diagnosis).evidence[0].text);
  BOOST_TEST(top(diagnosis).remedies[0].find("curl 192.168.1.1:80/health -iv") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_closed_unanswered_has_no_code) {
  auto run = unhealthy(Reason::bad_answer, "http");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"wrong_answer"});
  BOOST_TEST(top(diagnosis).title == "probes of app/b1 are answered with nothing that is HTTP");
}

BOOST_AUTO_TEST_CASE(echoes_that_are_ignored_are_counted_by_the_host) {
  auto run = unhealthy(Reason::echo_lost, "udp");
  run.host_dropped("b1", Reason::echo_ignored, 80).set("dropped(b1)", between(20, kEnd, 1));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"echo_ignored"});
  check_step(top(diagnosis), "icmp_echo_ignore_all");
}

BOOST_AUTO_TEST_CASE(echoes_of_others_that_are_ignored_are_no_reason) {
  auto run = unhealthy(Reason::echo_lost, "udp");
  run.host_dropped("b2", Reason::echo_ignored, 80);
  check_found(run.diagnose(), {});
}

BOOST_AUTO_TEST_CASE(rules_are_told_apart) {
  const std::vector<std::pair<Reason, std::string>> rules{
      {Reason::security_group, "probes_security_group"},
      {Reason::network_acl, "probes_network_acl"},
      {Reason::host_firewall, "probes_firewall"}};
  for (const auto& [reason, cause] : rules) {
    for (const bool to_server : {true, false}) {
      auto run = unhealthy(Reason::timed_out);
      run.dropped_probes({.reason = reason, .to_server = to_server});
      const auto diagnosis = run.diagnose();
      check_found(diagnosis, {cause});
      BOOST_TEST((top(diagnosis).confidence == Confidence::certain));
      BOOST_TEST(is_ruled_out(diagnosis, "refused_by_rules"));
    }
  }
}

BOOST_AUTO_TEST_CASE(rules_that_drop_what_others_send_keep_no_probe) {
  auto run = unhealthy(Reason::timed_out);
  run.drops({.reason = Reason::security_group, .per_second = 5, .from = 20});
  run.dropped_probes({.server = "app/b2"});
  check_found(run.diagnose(), {});
}

BOOST_AUTO_TEST_CASE(icmp_that_rules_drop_fails_a_udp_check) {
  auto run = unhealthy(Reason::echo_lost, "udp");
  run.dropped_probes({.protocol = Protocol::icmp});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"probes_security_group"});
  check_step(top(diagnosis), "do they admit ICMP");
}

BOOST_AUTO_TEST_CASE(answers_that_come_too_late_are_a_short_timeout) {
  auto run = unhealthy(Reason::echo_lost, "udp");
  run.set("probe_answer_time(app/b1)", 3400);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"short_timeout"});
  BOOST_TEST(top(diagnosis).title == "the timeout of 3 s is shorter than answers of app/b1 take");
}

BOOST_AUTO_TEST_CASE(late_answers_of_before_say_nothing_of_a_host_that_is_gone) {
  auto run = unhealthy(Reason::echo_lost, "udp");
  run.set("probe_answer_time(app/b1)", 3400);
  silence(run, "b1", 16);
  check_found(run.diagnose(), {"host_gone"});
}

BOOST_AUTO_TEST_CASE(a_busy_server_lets_probes_time_out) {
  auto run = unhealthy(Reason::no_answer, "http");
  run.set("cpu(b1)", between(18, kEnd, 100)).set("requests_waiting(b1)", between(18, kEnd, 0.4));
  run.add("requests_waiting(b1)", between(18, kEnd, 1));
  check_found(run.diagnose(), {"overloaded_server"});
}

BOOST_AUTO_TEST_CASE(a_server_that_is_busy_and_refuses_is_not_overloaded) {
  auto run = unhealthy(Reason::refused_by_peer);
  run.set("cpu(b1)", between(18, kEnd, 100)).set("requests_waiting(b1)", between(18, kEnd, 1));
  check_found(run.diagnose(), {"port_not_listening"});
}

BOOST_AUTO_TEST_CASE(a_host_that_is_gone_sends_nothing) {
  auto run = unhealthy(Reason::timed_out);
  silence(run, "b1", 18);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"host_gone"});
  BOOST_TEST((top(diagnosis).confidence == Confidence::certain));
}

BOOST_AUTO_TEST_CASE(a_host_that_goes_on_sending_is_not_gone) {
  auto run = unhealthy(Reason::timed_out);
  lose_nothing(run);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(diagnosis.verdict.find("no known cause") != std::string::npos, diagnosis.verdict);
}

BOOST_AUTO_TEST_CASE(a_group_without_a_listener_and_probes_that_cannot_be_sent_say_so) {
  auto alone = unhealthy(Reason::no_listener);
  check_found(alone.diagnose(), {"group_without_listener"});
  auto unsent = unhealthy(Reason::could_not_send);
  check_found(unsent.diagnose(), {"probes_not_sent"});
}

BOOST_AUTO_TEST_CASE(two_servers_may_have_causes_of_their_own) {
  auto run = unhealthy(Reason::refused_by_peer);
  run.failed_probes({.server = "app/b2", .reason = Reason::timed_out, .from = 40});
  run.dropped_probes({.reason = Reason::host_firewall, .server = "app/b2", .from = 40});
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"port_not_listening", "probes_firewall"});
  BOOST_TEST(diagnosis.found[0].explains == 0.5);
}

BOOST_AUTO_TEST_CASE(one_server_may_have_one_after_the_other) {
  auto run = unhealthy(Reason::refused_by_peer);
  run.failed_probes({.reason = Reason::timed_out, .from = 60, .found = false});
  run.set("packets_out(b1)", between(1, 58, 2 * kRate)).set("packets_in(b1)", between(1, 58, 0));
  run.set("packets_in(c1)", between(1, 58, 1)).set("packets_out(c1)", 1);
  run.set("packets_in(b2)", 1).set("packets_out(b2)", 0);
  check_found(run.diagnose(), {"port_not_listening", "host_gone"});
}

// Where no server is left, what the balancer refuses is the doing of what took them out.
BOOST_AUTO_TEST_CASE(requests_without_a_server_are_their_causes_doing) {
  auto run = unhealthy(Reason::refused_by_peer);
  run.failed_probes({.server = "app/b2", .reason = Reason::refused_by_peer});
  run.set("scheduled(app/b2)", between(1, 30, kRate / 2)).set("weight(app/b2)", between(1, 30, 1));
  run.set("responses(load)", between(1, 30, kRate));
  run.set("request_failures(load)", between(30, kEnd, kRate));
  run.set("failed(c1)", between(30, kEnd, kRate));
  run.set("resets_received(c1)", between(30, kEnd, kRate));
  run.ended(Reason::refused_by_peer, static_cast<int>(kRate) * (kEnd - 30), 30);
  run.drops({.reason = Reason::no_server, .per_second = 100, .from = 31, .to = kEnd});
  run.set("packets_made(balancer)", between(30, kEnd, kRate));
  run.set("dropped(balancer)", between(30, kEnd, kRate));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"port_not_listening"});
  BOOST_TEST(diagnosis.found[0].explains > 0.9);
  BOOST_TEST(because(diagnosis, "no_server").find("health checks had taken") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_steps_have_the_order_of_the_profile) {
  auto run = unhealthy(Reason::refused_by_peer);
  BOOST_TEST(run.diagnose().found[0].steps.front().starts_with("security group:"));
  auto older = unhealthy(Reason::refused_by_peer, "tcp", "first=settings");
  BOOST_TEST(older.diagnose().found[0].steps.front().starts_with("settings of the check:"));
}

BOOST_AUTO_TEST_CASE(going_back_and_forth_is_told_and_its_shares_too) {
  MadeTrace run;
  run.checked("udp");
  run.failed_probes({.reason = Reason::echo_lost, .from = 10, .found = false});
  for (int second = 20; second < kSeconds; second += 10) {
    run.found("app/b1", second, second % 20 != 0);
  }
  run.set("weight(app/b1)", [](int s) { return s > 20 && (s - 1) / 10 % 2 == 0 ? 0 : 1; });
  run.set("scheduled(app/b1)", [](int s) { return s > 20 && (s - 1) / 10 % 2 == 0 ? 0 : 50; });
  run.set("scheduled(app/b2)", [](int s) { return s > 20 && (s - 1) / 10 % 2 == 0 ? 100 : 50; });
  run.set("probe_answer_time(app/b1)", 3400);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(names(diagnosis.symptoms).front() == "flapping_servers");
  check_found(diagnosis, {"short_timeout", "part_time_server"});
}

BOOST_AUTO_TEST_CASE(very_many_probes_are_reckoned) {
  MadeTrace run;
  run.checked("tcp", "interval_s=1 nodes=8").set("probes(app/b1)", 8);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"too_many_probes"});
  BOOST_TEST(diagnosis.found[0].evidence[0].text.find("8 / 1 s = 8 probes per second") !=
             std::string::npos);
  MadeTrace few;
  few.checked("tcp", "interval_s=1 nodes=4").set("probes(app/b1)", 4);
  BOOST_TEST(few.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
