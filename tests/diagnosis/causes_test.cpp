// Each cause on a trace made by hand, with what must and must not be said about it: the healthy run
// of made_trace.hpp, changed as the fault would change it.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "analysis/diagnosis/cause.hpp"
#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

MadeTrace exhausted_ports() {
  MadeTrace run;
  fail_half(run, 30);
  run.add("opened(c1)", between(30, kSeconds + 1, -50));
  run.set("refused_locally(c1)", between(30, kSeconds + 1, 50));
  run.set("time_wait(c1)", [](int s) { return std::min(28232.0, s * 1000.0); });
  run.ended(telemetry::Reason::address_not_available, 400, 30);
  return run;
}

MadeTrace busy_cpu() {
  MadeTrace run;
  // b1 answers half of its requests; the others wait, and time out after 10 s.
  run.set("cpu(b1)", between(20, kSeconds + 1, 100));
  run.set("requests_waiting(b1)", between(20, kSeconds + 1, 250));
  run.set("established(b1)", between(20, kSeconds + 1, 250));
  run.set("established(c1)", between(20, kSeconds + 1, 250));
  run.set("open(c1)", between(20, kSeconds + 1, 250));
  run.set("served(b1)", between(20, kSeconds + 1, 25));
  run.add("responses(load)", between(20, kSeconds + 1, -25));
  run.set("request_failures(load)", between(30, kSeconds + 1, 25));
  run.ended(telemetry::Reason::reset_by_local, 100, 30);
  return run;
}

MadeTrace narrow_address(int from, int to) {
  MadeTrace run;
  run.set("eip_bytes_out(balancer)", between(from, to, 1'250'000));
  run.set("eip_dropped(balancer)", between(from, to, 80));
  run.add("dropped(balancer)", between(from, to, 80));
  run.add("packets_in(c1)", between(from, to, -80));
  run.set("eip_queue(balancer)", between(from, to, 262'144));
  run.add("retransmissions(b1)", between(from, to, 40));
  run.add("retransmissions(b2)", between(from, to, 40));
  run.set("established(c1)", between(from, to, 200));
  run.set("open(c1)", between(from, to, 200));
  run.add("responses(load)", between(from, to, -20));
  run.set("request_failures(load)", between(from + 5, to + 5, 20));
  run.ended(telemetry::Reason::reset_by_local, 100, from + 5);
  return run;
}

MadeTrace full_queue() {
  MadeTrace run;
  leave_unanswered(run, 20, 20);
  run.set("accept_queue(b1)", between(15, kSeconds + 1, 129));
  run.set("accept_queue_limit(b1)", 129);
  run.set("listen_overflows(b1)", between(20, kSeconds + 1, 100));
  run.ended(telemetry::Reason::reset_by_local, 100, 25);
  return run;
}

MadeTrace no_source_ports() {
  MadeTrace run;
  leave_unanswered(run, 20, 20);
  run.set("source_ports(balancer)", 100);
  run.set("source_ports_in_use(balancer)", between(20, kSeconds + 1, 100));
  run.set("no_source_port(balancer)", between(20, kSeconds + 1, 100));
  run.add("dropped(balancer)", between(20, kSeconds + 1, 100));
  run.add("packets_out(c1)", between(20, kSeconds + 1, 100));
  return run;
}

MadeTrace lossy(double per_second) {
  MadeTrace run;
  run.add("packets_in(b1)", -per_second);
  run.add("retransmissions(c1)", per_second);
  leave_unanswered(run, 1, per_second / 5);
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(causes_of_a_made_trace)

BOOST_AUTO_TEST_CASE(nothing_is_wrong_with_a_healthy_run) {
  MadeTrace run;
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(diagnosis.verdict == "nothing wrong");
  // Nobody's health is checked: what checks suffer from is not worth a word.
  const auto about_health = [](const Cause* cause) {
    return cause->id() >= CauseId::port_not_listening && cause->id() <= CauseId::too_many_probes;
  };
  const auto not_said = std::count_if(causes().begin(), causes().end(), about_health);
  BOOST_TEST(diagnosis.ruled_out.size() + static_cast<std::size_t>(not_said) == causes().size());
}

BOOST_AUTO_TEST_CASE(requests_under_way_at_the_end_are_no_symptom) {
  MadeTrace run;
  run.set("requests(load)", [](int s) { return s == kSeconds ? 2 * kRate : kRate; });
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(requests_that_never_end_are_a_symptom_before_they_time_out) {
  MadeTrace run;
  run.add("responses(load)", between(60, kSeconds + 1, -kRate));
  const auto diagnosis = run.diagnose();
  BOOST_REQUIRE(names(diagnosis.symptoms) == std::vector<std::string>{"failed_requests"});
  BOOST_TEST(diagnosis.symptoms[0].text.find("still waiting at the end") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_failure_in_ten_thousand_is_none) {
  MadeTrace run;
  run.set("request_failures(load)", between(50, 51, 1));
  run.add("responses(load)", between(50, 51, -1));
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(ports_in_time_wait_explain_refused_connects) {
  auto run = exhausted_ports();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_ports"});
  const Finding& finding = diagnosis.found.front();
  BOOST_TEST(finding.title == "client ports exhausted by TIME_WAIT");
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains > 0.99);
  BOOST_TEST(finding.evidence[0].text ==
             "3,550 local connect failures on c1 (EADDRNOTAVAIL), the first at 29.0 s");
  BOOST_TEST((finding.evidence[0].from == Instant(std::chrono::seconds(29))));
}

BOOST_AUTO_TEST_CASE(ports_in_time_wait_that_suffice_are_no_cause) {
  MadeTrace run;
  run.set("time_wait(c1)", 22560);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(is_ruled_out(diagnosis, "client_ports"));
}

BOOST_AUTO_TEST_CASE(ports_almost_used_up_without_a_failure_are_possible_at_most) {
  MadeTrace run;
  run.set("time_wait(c1)", 28000);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_ports"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::possible));
  BOOST_TEST(diagnosis.symptoms.empty());
}

BOOST_AUTO_TEST_CASE(ports_held_by_requests_that_wait_for_a_cpu_are_the_cpus_doing) {
  auto run = busy_cpu();
  run.set("local_ports(c1)", 250).set("time_wait(c1)", 0);
  run.set("refused_locally(c1)", between(40, kSeconds + 1, 25));
  run.add("request_failures(load)", between(40, kSeconds + 1, 25));
  run.add("responses(load)", between(40, kSeconds + 1, -25));
  check_found(run.diagnose(), {"server_cpu"});
}

BOOST_AUTO_TEST_CASE(a_busy_cpu_explains_requests_that_wait_for_it) {
  auto run = busy_cpu();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"server_cpu"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].explains > 0.9);
}

// Every fourth answer, from the first on, and nothing stands anywhere.
BOOST_AUTO_TEST_CASE(answers_that_are_slow_without_a_queue_or_a_loss_are_said_to_be) {
  MadeTrace run;
  run.set("slow_responses(load)", 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(diagnosis.verdict ==
             "no known cause explains it: no sample shows a queue that held requests up, and no "
             "packet is missing; servers may take that long to answer, or the way to them");
}

BOOST_AUTO_TEST_CASE(a_busy_cpu_that_keeps_up_is_no_cause) {
  MadeTrace run;
  run.set("cpu(b1)", 100).set("requests_waiting(b1)", 1);
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(a_busy_cpu_explains_slow_answers) {
  auto run = busy_cpu();
  run.set("request_failures(load)", 0).set("responses(load)", kRate);
  run.set("slow_responses(load)", between(30, kSeconds + 1, 25));
  run.set("requests(load)", [](int s) { return kRate + (s == 20 ? 250 : 0); });
  run.add("responses(load)", between(99, 101, 125));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"server_cpu"});
  const auto symptoms = names(diagnosis.symptoms);
  BOOST_TEST(symptoms == std::vector<std::string>{"slow_answers"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_accept_queue_that_overflows_beside_a_busy_cpu_is_the_cpus_doing) {
  auto run = full_queue();
  run.set("cpu(b1)", 100).set("requests_waiting(b1)", 50);
  check_found(run.diagnose(), {"server_cpu"});
}

BOOST_AUTO_TEST_CASE(a_narrow_address_explains_what_is_lost_at_it) {
  auto run = narrow_address(20, 90);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"bandwidth"});
  BOOST_TEST(is_ruled_out(diagnosis, "packet_loss"));
}

BOOST_AUTO_TEST_CASE(bursts_beyond_the_bandwidth_are_found_at_a_low_mean) {
  auto run = narrow_address(50, 53);
  check_found(run.diagnose(), {"bandwidth"});
}

BOOST_AUTO_TEST_CASE(an_address_without_a_limit_is_ruled_out) {
  MadeTrace run;
  for (const char* measure :
       {"eip_bytes_in", "eip_bytes_out", "eip_dropped", "eip_queue", "eip_bandwidth"}) {
    run.set(std::string(measure) + "(balancer)", std::nan(""));
  }
  BOOST_TEST(is_ruled_out(run.diagnose(), "bandwidth"));
}

BOOST_AUTO_TEST_CASE(a_full_accept_queue_explains_unanswered_syns) {
  auto run = full_queue();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"accept_queue"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].evidence[0].connections.size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_moment_of_overflow_that_nobody_noticed_is_possible_at_most) {
  MadeTrace run;
  run.set("listen_overflows(b1)", between(50, 51, 2));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"accept_queue"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::possible));
}

BOOST_AUTO_TEST_CASE(a_pool_without_a_free_port_explains_syns_that_the_balancer_dropped) {
  auto run = no_source_ports();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"balancer_ports"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
}

BOOST_AUTO_TEST_CASE(a_pool_held_by_requests_that_wait_for_a_cpu_is_the_cpus_doing) {
  auto run = busy_cpu();
  leave_unanswered(run, 40, 20);
  run.set("source_ports(balancer)", 250);
  run.set("source_ports_in_use(balancer)", between(20, kSeconds + 1, 250));
  run.set("no_source_port(balancer)", between(40, kSeconds + 1, 100));
  check_found(run.diagnose(), {"server_cpu"});
}

BOOST_AUTO_TEST_CASE(packets_that_nobody_dropped_and_nobody_got_are_plain_loss) {
  auto run = lossy(25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"packet_loss"});
  BOOST_TEST(diagnosis.found[0].evidence[0].text.starts_with("2,500 of "));
}

BOOST_AUTO_TEST_CASE(retransmissions_without_a_missing_packet_are_no_loss) {
  MadeTrace run;
  leave_unanswered(run, 1, 5);
  run.add("retransmissions(b1)", 20);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "packet_loss"));
  BOOST_TEST(diagnosis.verdict.starts_with("no known cause explains it"));
  BOOST_TEST(diagnosis.unexplained > 0.99);
}

BOOST_AUTO_TEST_CASE(a_server_that_gets_nothing_at_all_is_no_plain_loss) {
  auto run = lossy(0);
  leave_unanswered(run, 20, 50);
  run.set("packets_in(b1)", between(1, 20, 3 * kRate)).set("packets_out(b1)", between(1, 20, 200));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"dead_server"});
  BOOST_TEST(diagnosis.found[0].title == "app/b1 is gone or cut off");
  BOOST_TEST(because(diagnosis, "packet_loss") ==
             "app/b1 got nothing at all for a while, which is more than loss");
}

BOOST_AUTO_TEST_CASE(connects_refused_by_nobody_that_is_seen_stay_unexplained) {
  MadeTrace run;
  fail_half(run, 20);
  run.set("failed(c1)", between(20, kSeconds + 1, 50));
  run.set("resets_received(c1)", between(20, kSeconds + 1, 50));
  run.ended(telemetry::Reason::refused_by_peer, 4050, 20);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_REQUIRE(diagnosis.symptoms.size() == 1U);
  BOOST_TEST(diagnosis.symptoms[0].text.ends_with("failed: 4,050 refused by RST"));
  BOOST_TEST(diagnosis.verdict.find("refused by RST") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(weights_explain_shares_that_follow_them) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 75).set("scheduled(app/b2)", 25).set("weight(app/b1)", 3);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  const auto symptoms = names(diagnosis.symptoms);
  BOOST_TEST(symptoms == std::vector<std::string>{"uneven_traffic"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_weight_of_zero_explains_a_server_without_connections) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 100).set("scheduled(app/b2)", 0).set("weight(app/b2)", 0);
  check_found(run.diagnose(), {"uneven_weights"});
}

BOOST_AUTO_TEST_CASE(equal_weights_do_not_explain_uneven_shares) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 75).set("scheduled(app/b2)", 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "uneven_weights"));
  BOOST_TEST(!diagnosis.nothing_wrong());
}

BOOST_AUTO_TEST_CASE(of_two_uneven_groups_each_is_told_by_its_own_weights) {
  const auto two_groups = [](double weight_of_other) {
    MadeTrace run;
    run.set("scheduled(app/b1)", 75).set("scheduled(app/b2)", 25).set("weight(app/b1)", 3);
    run.with("other/b1", MeasureScope::server).with("other/b2", MeasureScope::server);
    run.set("scheduled(other/b1)", 80).set("scheduled(other/b2)", 20);
    run.set("weight(other/b1)", weight_of_other).set("weight(other/b2)", 1);
    return run;
  };
  auto both = two_groups(4);
  auto diagnosis = both.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  BOOST_TEST(diagnosis.found[0].evidence.size() == 2U);
  BOOST_TEST(diagnosis.found[0].explains == 1);
  auto one = two_groups(1);
  diagnosis = one.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  BOOST_TEST(diagnosis.symptoms.size() == 2U);
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST(finding.title == "traffic of group app uneven because the weights are, not of other");
  BOOST_REQUIRE(finding.evidence.size() == 2U);
  BOOST_TEST(finding.evidence[0].text.starts_with("app/b1 75 % (75 % due)"));
  BOOST_TEST(finding.evidence[1].text == "the weights of group other are alike");
  BOOST_TEST(finding.explains == 0.5);
}

BOOST_AUTO_TEST_CASE(weights_explain_no_failure) {
  auto run = exhausted_ports();
  run.set("scheduled(app/b1)", 75).set("scheduled(app/b2)", 25).set("weight(app/b1)", 3);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_ports", "uneven_weights"});
  BOOST_TEST(diagnosis.found[1].explains == 0);
}

BOOST_AUTO_TEST_CASE(two_causes_at_once_are_both_found) {
  auto run = exhausted_ports();
  leave_unanswered(run, 20, 20);
  run.set("accept_queue(b1)", between(15, kSeconds + 1, 129));
  run.set("listen_overflows(b1)", between(20, kSeconds + 1, 100));
  check_found(run.diagnose(), {"client_ports", "accept_queue"});
}

BOOST_AUTO_TEST_CASE(a_small_cause_beside_a_large_one_is_found_where_it_alone_explains_its_kind) {
  auto run = exhausted_ports();
  run.add("requests(load)", 2000).add("refused_locally(c1)", between(30, kSeconds + 1, 2000));
  run.add("request_failures(load)", between(30, kSeconds + 1, 2000));
  run.add("responses(load)", between(1, 30, 2000));
  leave_unanswered(run, 20, 20);
  run.set("listen_overflows(b1)", between(20, kSeconds + 1, 100));
  check_found(run.diagnose(), {"client_ports", "accept_queue"});
}

BOOST_AUTO_TEST_CASE(what_the_trace_does_not_record_is_not_observable) {
  auto run = exhausted_ports();
  run.forget("cpu(c1)").forget("cpu(b1)").forget("cpu(b2)").forget("eip_dropped(balancer)");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_ports"});
  const auto untold = names(diagnosis.not_observable);
  BOOST_TEST(untold == (std::vector<std::string>{"server_cpu", "bandwidth"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_query_of_the_evidence_can_be_asked) {
  std::size_t asked = 0;
  std::vector<MadeTrace> runs;
  runs.push_back(exhausted_ports());
  runs.push_back(busy_cpu());
  runs.push_back(narrow_address(20, 90));
  runs.push_back(full_queue());
  runs.push_back(no_source_ports());
  runs.push_back(lossy(25));
  for (MadeTrace& run : runs) asked += check_queries(run);
  BOOST_TEST(asked >= 12U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
