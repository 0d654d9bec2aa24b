// Uneven traffic that comes of clients' addresses (SCH-06, SCH-15a, SCH-15c), and what only looks
// so.
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/diagnosis/uneven_traces.hpp"

namespace elblab::diagnosis::test {
namespace {

// 80 and 20 up to second 50, then even.
MadeTrace uneven_until_50() {
  MadeTrace run;
  for (const char* name : {"b1", "b2"}) {
    const double before = name == std::string("b1") ? 80 : 20;
    const auto shares = [before](int second) { return second > 50 ? 50.0 : before; };
    run.set("scheduled(app/" + std::string(name) + ")", shares);
    run.set("served(" + std::string(name) + ")", shares);
  }
  return run;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uneven_by_address)

// Of a trace that does not say what the algorithm is.
BOOST_AUTO_TEST_CASE(addresses_that_always_meet_one_server_explain_uneven_shares) {
  auto run = with_shares(80, 20);
  run.algorithm("app", "");
  run.sessions(meeting(1, "app/b1", 70)).sessions(meeting(2, "app/b1", 10));
  run.sessions(meeting(3, "app/b2", 20));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_addresses"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::likely));
  BOOST_TEST(diagnosis.found[0].evidence.at(0).text ==
             "addresses that came to group app again met the server of the first time; of 3 "
             "addresses 10.0.0.1 alone opened 70 %, all to app/b1; app/b1 80 % (50 % due), app/b2 "
             "20 % (50 % due)");
}

BOOST_AUTO_TEST_CASE(addresses_that_meet_every_server_do_not) {
  auto run = with_shares(80, 20);
  run.algorithm("app", "");
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
  run.algorithm("app", "");
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
  run.algorithm("app", "");
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
  run.algorithm("app", "source_ip_hash");
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.found.size() == 2U);
  BOOST_TEST(of(diagnosis, "client_addresses").explains > 0.1);
  BOOST_TEST((of(diagnosis, "part_time_server").confidence == Confidence::certain));
}

BOOST_AUTO_TEST_CASE(a_source_hash_explains_uneven_shares_and_weights_do_not) {
  // As if by weights: the hash does not look at them.
  auto run = with_shares(75, 25);
  run.set("weight(app/b1)", 3).algorithm("app", "source_ip_hash");
  run.sessions(meeting(1, "app/b1", 75)).sessions(meeting(2, "app/b2", 25));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_addresses"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].title == "traffic uneven because the source hash goes by address");
  BOOST_TEST(because(diagnosis, "uneven_weights") ==
             "the source hash of group app does not look at weights");
}

BOOST_AUTO_TEST_CASE(without_hash_and_stickiness_addresses_explain_nothing) {
  auto run = with_shares(80, 20);
  run.sessions(meeting(1, "app/b1", 80)).sessions(meeting(2, "app/b2", 20));
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(because(diagnosis, "client_addresses") ==
             "neither a source hash nor sticky sessions decided in group app");
}

BOOST_AUTO_TEST_CASE(sticky_sessions_with_a_busy_client_explain_uneven_shares) {
  auto run = with_shares(80, 20);
  run.with("app", telemetry::MeasureScope::sticky_group).set("sticky_kept(app)", 99);
  run.set("sticky_new(app)", 1);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"client_addresses"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].title == "traffic uneven because sticky sessions bind addresses");
}

BOOST_AUTO_TEST_CASE(sticky_sessions_with_clients_that_share_out_are_balanced) {
  MadeTrace run;
  run.with("app", telemetry::MeasureScope::sticky_group).set("sticky_kept(app)", 99);
  run.set("sticky_new(app)", 1);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(diagnosis.balanced.size() == 1U);
}

// 30 of 100 would have to move, and 10 had been there before.
BOOST_AUTO_TEST_CASE(sticky_sessions_explain_no_more_than_they_decided) {
  auto run = with_shares(80, 20);
  run.with("app", telemetry::MeasureScope::sticky_group).set("sticky_kept(app)", 10);
  run.set("sticky_new(app)", 90);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

BOOST_AUTO_TEST_CASE(sticky_sessions_and_weights_are_both_found) {
  auto run = with_shares(20, 80);
  run.set("weight(app/b1)", 3);
  run.with("app", telemetry::MeasureScope::sticky_group).set("sticky_kept(app)", 99);
  run.set("sticky_new(app)", 1);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.found.size() == 2U);
  // By weights a quarter would have to move from even; from what is due by them 55 of 100.
  BOOST_TEST(of(diagnosis, "uneven_weights").explains == 0.25 / 0.80,
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(of(diagnosis, "client_addresses").explains == 0.55 / 0.80,
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_source_hash_explains_what_was_uneven_while_it_was_in_force) {
  auto run = uneven_until_50();
  run.algorithm("app", "source_ip_hash").changed_algorithm("app", 50, "weighted_round_robin");
  check_found(run.diagnose(), {"client_addresses"});
}

BOOST_AUTO_TEST_CASE(a_source_hash_explains_nothing_of_what_was_uneven_before_it) {
  auto run = uneven_until_50();
  run.changed_algorithm("app", 50, "source_ip_hash");
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(is_ruled_out(diagnosis, "client_addresses"));
}

BOOST_AUTO_TEST_CASE(stickiness_explains_what_was_uneven_while_it_was_on) {
  auto run = uneven_until_50();
  run.with("app", telemetry::MeasureScope::sticky_group);
  run.set("sticky_kept(app)", between(1, 51, 100));
  check_found(run.diagnose(), {"client_addresses"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
