// Uneven traffic by cause, each beside what only looks like it (DIAG-10), and two at once (IMB-14).
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/diagnosis/uneven_traces.hpp"

namespace elblab::diagnosis::test {
namespace {

// One in ten connections carries half of the requests, all of those at b1.
MadeTrace kept(double requests_of_b1, double requests_of_b2) {
  MadeTrace run;
  run.set("scheduled(app/b1)", between(1, 2, 20)).set("scheduled(app/b2)", between(1, 2, 20));
  run.set("served(b1)", requests_of_b1).set("served(b2)", requests_of_b2);
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uneven)

BOOST_AUTO_TEST_CASE(even_traffic_is_said_to_be_balanced) {
  MadeTrace run;
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_REQUIRE(diagnosis.balanced.size() == 1U);
  BOOST_TEST(diagnosis.balanced[0] ==
             "app is balanced: 2 servers got 50.0 … 50.0 % of 10,000 connections, at most 0.0 % "
             "from what they were due");
}

BOOST_AUTO_TEST_CASE(neither_weights_nor_few_connections_are_called_balanced) {
  auto weighted = with_shares(75, 25);
  weighted.set("weight(app/b1)", 3);
  BOOST_TEST(weighted.diagnose().balanced.empty());
  auto few = with_shares(0.5, 0.5);
  BOOST_TEST(few.diagnose().balanced.empty());
  auto requests = kept(75, 25);
  BOOST_TEST(requests.diagnose().balanced.empty());
}

BOOST_AUTO_TEST_CASE(least_connections_are_judged_by_those_that_are_open) {
  auto level = with_shares(80, 20);
  level.algorithm("app", "weighted_least_connections");
  level.set("active_connections(app/b1)", 30).set("active_connections(app/b2)", 31);
  const auto diagnosis = level.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_REQUIRE(diagnosis.balanced.size() == 1U);
  BOOST_TEST(diagnosis.balanced[0] ==
             "app is balanced by open connections: 2 servers had 30.0 … 31.0 on average");
}

BOOST_AUTO_TEST_CASE(
    least_connections_with_hardly_one_open_or_with_uneven_ones_are_judged_by_new_ones) {
  auto few = with_shares(75, 25);
  few.algorithm("app", "weighted_least_connections").set("weight(app/b1)", 3);
  few.set("active_connections(app/b1)", 0.5).set("active_connections(app/b2)", 0.5);
  check_found(few.diagnose(), {"uneven_weights"});
  auto uneven = with_shares(75, 25);
  uneven.algorithm("app", "weighted_least_connections").set("weight(app/b1)", 3);
  uneven.set("active_connections(app/b1)", 30).set("active_connections(app/b2)", 10);
  check_found(uneven.diagnose(), {"uneven_weights"});
  auto turns = with_shares(80, 20);
  turns.set("active_connections(app/b1)", 30).set("active_connections(app/b2)", 30);
  BOOST_TEST(!turns.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(a_server_that_joined_later_explains_what_it_missed) {
  auto run = joined_later();
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"part_time_server"});
  const Finding& finding = diagnosis.found[0];
  BOOST_TEST((finding.confidence == Confidence::certain));
  BOOST_TEST(finding.explains == 1);
  BOOST_TEST(finding.title ==
             "traffic uneven because app/b2 was in service for a part of the time");
  // 40 s of 100 connections each, half of them; 60 s without.
  BOOST_TEST(finding.evidence.at(0).text ==
             "app/b2 was out of service from 0.0 s to 60.0 s: 6,000 of 10,000 connections came "
             "meanwhile; of the others it got 50 %");
  BOOST_TEST(is_ruled_out(diagnosis, "uneven_weights"));
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

// What is found explains the unevenness, and not that answers are slow.
BOOST_AUTO_TEST_CASE(a_cause_of_uneven_traffic_is_named_beside_what_has_none) {
  auto run = joined_later();
  BOOST_TEST(run.diagnose().complaint() == "the unevenness");
  run = joined_later();
  run.set("slow_responses(load)", 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"part_time_server"});
  BOOST_TEST(diagnosis.complaint() == "what went wrong");
  BOOST_TEST(diagnosis.verdict.starts_with(
                 "traffic uneven because app/b2 was in service for a part of the time; no known "
                 "cause explains the slow answers: "),
             diagnosis.verdict);
}

BOOST_AUTO_TEST_CASE(a_server_that_was_away_before_anybody_came_missed_nothing) {
  auto run = with_shares(75, 25);
  run.set("weight(app/b1)", 3);
  for (const char* server : {"app/b1", "app/b2"}) {
    const std::string name = "scheduled(" + std::string(server) + ")";
    run.set(name, between(61, kSeconds + 1, server == std::string("app/b1") ? 75 : 25));
  }
  run.set("weight(app/b2)", between(60, kSeconds + 1, 1));
  check_found(run.diagnose(), {"uneven_weights"});
}

BOOST_AUTO_TEST_CASE(weights_and_a_server_that_joined_later_are_both_found) {
  // Of weights 3 and 1, while both are there.
  MadeTrace run;
  const auto of_b1 = [](int second) { return second > 60 ? 75.0 : 100.0; };
  run.set("scheduled(app/b1)", of_b1).set("served(b1)", of_b1).set("weight(app/b1)", 3);
  run.set("scheduled(app/b2)", between(61, kSeconds + 1, 25));
  run.set("served(b2)", between(61, kSeconds + 1, 25));
  run.set("weight(app/b2)", between(61, kSeconds + 1, 1));
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.found.size() == 2U);
  const double weights = of(diagnosis, "uneven_weights").explains;
  const double service = of(diagnosis, "part_time_server").explains;
  // Even would be half each: weights alone move a quarter, time in service alone 3 of 10.
  BOOST_TEST(weights == 0.25 / 0.55, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(service == 0.30 / 0.55, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_and_goes_is_told_with_its_absences) {
  MadeTrace run;
  const auto there = [](int second) { return (second - 1) % 20 < 5; };
  const auto of_b1 = [=](int second) { return there(second) ? 50.0 : 100.0; };
  const auto of_b2 = [=](int second) { return there(second) ? 50.0 : 0.0; };
  run.set("scheduled(app/b1)", of_b1).set("served(b1)", of_b1);
  run.set("scheduled(app/b2)", of_b2).set("served(b2)", of_b2);
  run.set("weight(app/b2)", [=](int second) { return there(second) ? 1.0 : 0.0; });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"part_time_server"});
  BOOST_TEST(diagnosis.found[0].evidence.at(0).text ==
             "app/b2 was out of service 5 times, first from 5.0 s to 20.0 s: 7,500 of 10,000 "
             "connections came meanwhile; of the others it got 50 %");
}

// Neither alone makes a server get half as much again as the other: 4 to 3, and away for an eighth.
BOOST_AUTO_TEST_CASE(weights_and_an_absence_that_only_together_make_it_uneven_are_both_found) {
  MadeTrace run;
  const auto there = [](int second) { return second > 14; };
  const auto of_b1 = [=](int second) { return there(second) ? 400.0 / 7 : 100.0; };
  const auto of_b2 = [=](int second) { return there(second) ? 300.0 / 7 : 0.0; };
  run.set("scheduled(app/b1)", of_b1).set("served(b1)", of_b1).set("weight(app/b1)", 4);
  run.set("scheduled(app/b2)", of_b2).set("served(b2)", of_b2);
  run.set("weight(app/b2)", [=](int second) { return there(second) ? 3.0 : 0.0; });
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.found.size() == 2U);
  BOOST_TEST(of(diagnosis, "uneven_weights").explains > 0.3);
  BOOST_TEST(of(diagnosis, "part_time_server").explains > 0.3);
}

BOOST_AUTO_TEST_CASE(weights_that_were_changed_are_told_with_what_they_were) {
  MadeTrace run;
  const auto of_b1 = [](int second) { return second > 50 ? 75.0 : 50.0; };
  const auto of_b2 = [](int second) { return second > 50 ? 25.0 : 50.0; };
  run.set("scheduled(app/b1)", of_b1).set("served(b1)", of_b1);
  run.set("scheduled(app/b2)", of_b2).set("served(b2)", of_b2);
  run.set("weight(app/b1)", [](int second) { return second > 50 ? 3.0 : 1.0; });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  BOOST_TEST(diagnosis.found[0].evidence.at(0).text ==
             "app/b1 62.5 % (62.5 % due), app/b2 37.5 % (37.5 % due); weights 1 → 3, 1");
}

BOOST_AUTO_TEST_CASE(queries_of_uneven_traffic_can_be_asked) {
  auto run = joined_later();
  run.set("weight(app/b1)", 3);
  BOOST_TEST(check_queries(run) >= 1U);
  auto sticky = with_shares(80, 20);
  sticky.algorithm("app", "source_ip_hash");
  sticky.sessions(meeting(1, "app/b1", 80)).sessions(meeting(2, "app/b2", 20));
  BOOST_TEST(check_queries(sticky) == 1U);
  auto requests = kept(75, 25);
  BOOST_TEST(check_queries(requests) == 1U);
}

BOOST_AUTO_TEST_CASE(connections_that_are_kept_explain_uneven_requests) {
  auto run = kept(75, 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"kept_connections"});
  BOOST_TEST(names(diagnosis.symptoms) == std::vector<std::string>{"uneven_requests"},
             boost::test_tools::per_element());
  BOOST_TEST(diagnosis.found[0].explains == 1);
  BOOST_TEST(diagnosis.found[0].evidence.at(0).text.find(
                 "app/b1 7,500 on 20, app/b2 2,500 on 20") != std::string::npos,
             diagnosis.found[0].evidence[0].text);
}

BOOST_AUTO_TEST_CASE(kept_connections_that_carry_alike_explain_nothing) {
  auto run = kept(55, 45);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(is_ruled_out(diagnosis, "kept_connections"));
}

// Half of the connections each for 30 s; then b1's are cut, and come to b2.
BOOST_AUTO_TEST_CASE(requests_of_a_server_that_was_taken_out_are_not_laid_to_kept_connections) {
  MadeTrace run;
  run.set("scheduled(app/b1)", between(1, 2, 10));
  run.set("scheduled(app/b2)", [](int second) { return second == 1 || second == 31 ? 10.0 : 0.0; });
  run.set("weight(app/b1)", between(1, 31, 1));
  run.set("active_connections(app/b1)", between(1, 31, 10));
  run.set("active_connections(app/b2)", [](int second) { return second > 30 ? 20.0 : 10.0; });
  run.set("served(b1)", between(1, 31, 50));
  run.set("served(b2)", [](int second) { return second > 30 ? 100.0 : 50.0; });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "kept_connections"));
  run = kept(75, 25);  // ... but that a server was away excuses nothing else
  run.set("weight(app/b1)", between(1, 91, 1));
  run.set("active_connections(app/b1)", 20).set("active_connections(app/b2)", 20);
  BOOST_TEST(of(run.diagnose(), "kept_connections").explains > 0);
}

BOOST_AUTO_TEST_CASE(requests_of_a_server_that_stopped_answering_are_not_laid_to_kept_connections) {
  auto run = kept(75, 75);
  run.set("served(b2)", between(1, 41, 75));
  check_found(run.diagnose(), {});
  auto pausing = kept(75, 75);
  pausing.set("served(b2)", [](int second) { return second % 40 < 15 ? 75.0 : 0.0; });
  check_found(pausing.diagnose(), {});
  auto never = kept(75, 0);
  check_found(never.diagnose(), {});
  // A few on each connection, now and then, are no pause.
  auto rare = kept(75, 0);
  rare.set("served(b2)", [](int second) { return second % 10 == 0 ? 4.0 : 0.0; });
  check_found(rare.diagnose(), {"kept_connections"});
}

BOOST_AUTO_TEST_CASE(requests_of_a_server_that_left_connections_alone_are_not_laid_to_kept_ones) {
  auto run = kept(75, 25);
  MadeTrace::Sessions unanswered;
  unanswered.server = "app/b2";
  unanswered.per_second = 1;
  unanswered.from = 1;
  unanswered.to = 3;
  unanswered.established = false;
  unanswered.seconds = 5;
  run.sessions(unanswered);
  BOOST_TEST(is_ruled_out(run.diagnose(), "kept_connections"));
}

BOOST_AUTO_TEST_CASE(requests_that_are_as_uneven_as_connections_are_not_those_of_kept_ones) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 30).set("scheduled(app/b2)", 10).set("weight(app/b1)", 3);
  run.set("served(b1)", 75).set("served(b2)", 25);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  BOOST_TEST(is_ruled_out(diagnosis, "kept_connections"));
}

BOOST_AUTO_TEST_CASE(weights_and_kept_connections_are_both_found) {
  MadeTrace run;
  run.set("scheduled(app/b1)", 30).set("scheduled(app/b2)", 10).set("weight(app/b1)", 3);
  run.set("served(b1)", 40).set("served(b2)", 60);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"uneven_weights", "kept_connections"});
  BOOST_TEST(diagnosis.found[0].explains + diagnosis.found[1].explains == 1);
}

// Its host answers for others, too.
BOOST_AUTO_TEST_CASE(requests_of_a_host_in_two_groups_are_not_laid_to_one) {
  auto run = kept(75, 25);
  run.with("other/b1", telemetry::MeasureScope::server)
      .with("other/b3", telemetry::MeasureScope::server);
  run.with("b3", telemetry::MeasureScope::host);
  run.set("scheduled(other/b1)", 50).set("scheduled(other/b3)", 50);
  run.set("weight(other/b1)", 1).set("weight(other/b3)", 1).set("served(b3)", 50);
  check_found(run.diagnose(), {});
}

BOOST_AUTO_TEST_CASE(without_servers_own_counts_requests_cannot_be_told) {
  auto run = kept(75, 25);
  run.forget("served(c1)").forget("served(b1)").forget("served(b2)");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  const auto untold = names(diagnosis.not_observable);
  BOOST_TEST((std::find(untold.begin(), untold.end(), "kept_connections") != untold.end()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
