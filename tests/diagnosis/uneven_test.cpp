// Uneven traffic by cause, each beside what only looks like it (DIAG-10), and two at once (IMB-14).
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/diagnosis/checks.hpp"
#include "tests/diagnosis/made_trace.hpp"

namespace elblab::diagnosis::test {
namespace {

const Finding& of(const Diagnosis& diagnosis, const std::string& cause) {
  for (const Finding& finding : diagnosis.found) {
    if (finding.cause == cause) return finding;
  }
  BOOST_FAIL("not found: " << cause);
  return diagnosis.found.front();
}

MadeTrace with_shares(double of_b1, double of_b2) {
  MadeTrace run;
  run.set("scheduled(app/b1)", of_b1).set("scheduled(app/b2)", of_b2);
  run.set("served(b1)", of_b1).set("served(b2)", of_b2);
  return run;
}

MadeTrace::Sessions meeting(int client, const std::string& server, int per_second) {
  MadeTrace::Sessions sessions;
  sessions.client = static_cast<std::uint8_t>(client);
  sessions.server = server;
  sessions.per_second = per_second;
  return sessions;
}

// b2 is there from second 60 on: 100 connections per second go to b1 before, and half of them
// after.
MadeTrace joined_later() {
  MadeTrace run;
  const auto shared = [](int second) { return second > 60 ? 50.0 : 100.0; };
  run.set("scheduled(app/b1)", shared).set("served(b1)", shared);
  run.set("scheduled(app/b2)", between(61, kSeconds + 1, 50));
  run.set("served(b2)", between(61, kSeconds + 1, 50));
  run.set("weight(app/b2)", between(61, kSeconds + 1, 1));
  return run;
}

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
  BOOST_TEST(finding.evidence.at(0).text.find(
                 "got 50 % of the 4,000 connections that came meanwhile; 6,000 came while it was "
                 "not") != std::string::npos,
             finding.evidence[0].text);
  BOOST_TEST(is_ruled_out(diagnosis, "uneven_weights"));
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
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

BOOST_AUTO_TEST_CASE(addresses_that_always_meet_one_server_explain_uneven_shares) {
  auto run = with_shares(80, 20);
  run.sessions(meeting(1, "app/b1", 70)).sessions(meeting(2, "app/b1", 10));
  run.sessions(meeting(3, "app/b2", 20));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_addresses"});
  const std::string text = diagnosis.found[0].evidence.at(0).text;
  BOOST_TEST(text.find("of 3 addresses") != std::string::npos, text);
  BOOST_TEST(text.find("10.0.0.1 alone opened 70 % of them, all to app/b1") != std::string::npos,
             text);
}

BOOST_AUTO_TEST_CASE(addresses_that_meet_every_server_do_not) {
  auto run = with_shares(80, 20);
  run.sessions(meeting(1, "app/b1", 40)).sessions(meeting(1, "app/b2", 10));
  run.sessions(meeting(2, "app/b1", 40)).sessions(meeting(2, "app/b2", 10));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

// Each takes its turn, and always the same one.
BOOST_AUTO_TEST_CASE(addresses_that_meet_one_server_where_shares_are_those_of_weights_do_not) {
  auto run = with_shares(75, 25);
  run.set("weight(app/b1)", 3);
  for (const int client : {1, 2, 3}) run.sessions(meeting(client, "app/b1", 25));
  run.sessions(meeting(4, "app/b2", 25));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"uneven_weights"});
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

BOOST_AUTO_TEST_CASE(an_address_that_comes_once_tells_nothing) {
  auto run = with_shares(80, 20);
  for (int client = 1; client <= 100; ++client) {
    auto once = meeting(client, client <= 80 ? "app/b1" : "app/b2", 1);
    once.to = 2;
    run.sessions(once);
  }
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

BOOST_AUTO_TEST_CASE(who_met_whom_is_not_known_without_sessions) {
  auto run = with_shares(80, 20);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  const auto untold = names(diagnosis.not_observable);
  BOOST_TEST(untold == std::vector<std::string>{"client_addresses"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(addresses_and_a_server_that_was_away_are_both_found) {
  // b2 has the addresses 2 … 9 from second 61 on; before, b1 had them, too.
  auto run = joined_later();
  run.set("scheduled(app/b1)", [](int second) { return second > 60 ? 92.0 : 100.0; });
  run.set("scheduled(app/b2)", between(61, kSeconds + 1, 8));
  run.sessions(meeting(1, "app/b1", 92));
  for (int client = 2; client <= 9; ++client) {
    auto before = meeting(client, "app/b1", 1);
    before.to = 61;
    auto after = meeting(client, "app/b2", 1);
    after.from = 61;
    run.sessions(before).sessions(after);
  }
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.found.size() == 2U);
  BOOST_TEST(of(diagnosis, "client_addresses").explains > 0.1);
  BOOST_TEST((of(diagnosis, "part_time_server").confidence == Confidence::likely));
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
  run.with("other/b1", telemetry::MeasureScope::server).with("other/b3", telemetry::MeasureScope::server);
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
