// Users who lose their sessions, each answer of STK-24 and what only looks like it. Twenty users
// ask every 5 s, 19 times each; at which server, from which address and by whose decision is the
// test's.
#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/diagnosis/checks.hpp"

namespace elblab::diagnosis::test {
namespace {

using telemetry::Reason;
using UserRequest = MadeTrace::UserRequest;

constexpr std::uint32_t kUsers = 20;
constexpr int kRounds = 19;
constexpr int kNotFirst = static_cast<int>(kUsers) * (kRounds - 1);

std::string server_of(std::uint32_t user) { return user % 2 == 0 ? "app/b1" : "app/b2"; }

// Fills in the rest of a request that is given its user and moment; round from 0.
using Story = std::function<void(UserRequest& request, int round)>;

// Every request of every user by time, sticky and at home where the story says nothing else. The
// servers know whom they answered last.
void tell(MadeTrace& run, const Story& story, int first_round = 0, int rounds = kRounds,
          double every = 5) {
  std::map<std::uint32_t, std::string> last;
  for (int round = first_round; round < rounds; ++round) {
    for (std::uint32_t user = 0; user < kUsers; ++user) {
      UserRequest request;
      request.user = user;
      request.at = 1 + every * round + 0.1 * user;
      request.address = static_cast<int>(user) + 1;
      request.server = server_of(user);
      request.decision = last.contains(user) ? Reason::sticky : Reason::stickiness_bound;
      story(request, round);
      const auto known = last.find(user);
      request.result = known == last.end()               ? Reason::session_begun
                       : known->second == request.server ? Reason::session_kept
                                                         : Reason::session_lost;
      last[user] = request.server;
      run.asked(request);
    }
  }
}

// Elsewhere in every round but the first.
void wander(UserRequest& request, int round) {
  request.server = server_of(request.user + static_cast<std::uint32_t>(round));
}

void nothing_else(UserRequest&, int) {}

const Evidence& evidence(const Diagnosis& diagnosis, std::size_t index) {
  BOOST_REQUIRE(!diagnosis.found.empty());
  BOOST_REQUIRE_GT(diagnosis.found[0].evidence.size(), index);
  return diagnosis.found[0].evidence[index];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lost_sessions)

BOOST_AUTO_TEST_CASE(users_who_stay_have_nothing_to_complain_about) {
  MadeTrace run;
  tell(run, nothing_else);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  for (const char* cause :
       {"stickiness_off", "bound_server_out", "address_change", "stickiness_over"}) {
    BOOST_TEST(because(diagnosis, cause) == "no session was lost");
  }
}

BOOST_AUTO_TEST_CASE(where_nobody_has_a_session_none_is_lost) {
  MadeTrace run;
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "stickiness_off") == "no user has a session");
}

BOOST_AUTO_TEST_CASE(of_a_capture_users_cannot_be_told) {
  MadeTrace run;
  run.as_capture().sessions({.server = "app/b1"});
  const auto diagnosis = run.diagnose();
  BOOST_TEST(is_not_observable(diagnosis, "stickiness_off"));
  BOOST_TEST(because(diagnosis, "address_change") == "a capture does not tell users");
}

BOOST_AUTO_TEST_CASE(stickiness_that_is_not_enabled_is_told) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    request.decision = Reason::none;
    wander(request, round);
  });
  const auto diagnosis = run.diagnose();
  BOOST_TEST(names(diagnosis.symptoms) == std::vector<std::string>{"lost_sessions"},
             boost::test_tools::per_element());
  BOOST_TEST(diagnosis.symptoms[0].text ==
             "users lost their session in 360 of 360 requests (100 %)");
  check_found(diagnosis, {"stickiness_off"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(diagnosis.found[0].explains == 1.0);
  BOOST_TEST(evidence(diagnosis, 0).text ==
             "360 of 360 lost sessions, of 20 users, the first at 6.0 s: their connections were "
             "scheduled without stickiness");
  BOOST_TEST(diagnosis.found[0].evidence.size() == 1U);
  BOOST_TEST(check_queries(run) == 1U);
}

BOOST_AUTO_TEST_CASE(without_stickiness_changing_addresses_are_told_beside_it) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    request.decision = Reason::none;
    request.address = 1 + (static_cast<int>(request.user) + 3 * round) % 32;
    wander(request, round);
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_off"});
  BOOST_TEST(evidence(diagnosis, 1).text ==
             "in 100 % of them the address had changed as well, which stickiness by source address "
             "would not have held either");
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(without_stickiness_users_who_find_their_server_by_chance_lose_nothing) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int) { request.decision = Reason::none; });
  BOOST_TEST(run.diagnose().nothing_wrong());
}

// Each user's one connection after it was switched on may still go elsewhere.
BOOST_AUTO_TEST_CASE(what_is_lost_when_stickiness_begins_was_lost_for_want_of_it) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    if (round < 9) {
      request.decision = Reason::none;
      wander(request, round);
    } else {
      request.decision = round == 9 ? Reason::stickiness_bound : Reason::sticky;
      wander(request, 9);
    }
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_off"});
  BOOST_TEST(evidence(diagnosis, 0).text.starts_with("180 of 180 lost sessions"),
             evidence(diagnosis, 0).text);
}

// From round 8 on b2 takes no connections: its ten users go to b1.
void take_out(MadeTrace& run) {
  run.set("weight(app/b2)", [](int second) { return second >= 40 ? 0 : 1; });
}
void leave_the_second(UserRequest& request, int round) {
  if (round < 8 || request.server == "app/b1") return;
  request.server = "app/b1";
  if (round > 8) return;
  request.decision = Reason::stickiness_bound;
  request.broken = Reason::server_out;
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_out_of_service_under_its_users_is_told) {
  MadeTrace run;
  take_out(run);
  tell(run, leave_the_second);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"bound_server_out"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(
      evidence(diagnosis, 0).text ==
      "10 of 10 lost sessions, of 10 users, the first at 41.0 s: app/b2 took no connections for "
      "a time");
  BOOST_TEST(evidence(diagnosis, 1).text == "app/b2 was out of service from 39.0 s to 100.0 s");
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_when_its_users_are_gone_harms_nobody) {
  MadeTrace run;
  take_out(run);
  tell(run, nothing_else, 0, 7);
  const auto diagnosis = run.diagnose();
  BOOST_TEST(diagnosis.nothing_wrong());
  BOOST_TEST(because(diagnosis, "bound_server_out") == "no session was lost");
}

// The source hash needs no stickiness and has no bindings; whose server goes gets another one.
BOOST_AUTO_TEST_CASE(a_server_that_goes_out_of_a_source_hash_is_told) {
  MadeTrace run;
  take_out(run);
  tell(run, [](UserRequest& request, int round) {
    leave_the_second(request, round);
    request.decision = Reason::source_hash;
    request.broken = Reason::none;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"bound_server_out"});
}

// ... and goes back to it when it is there again, a stranger once more.
BOOST_AUTO_TEST_CASE(a_server_that_comes_back_into_a_source_hash_is_told_with_its_absence) {
  MadeTrace run;
  run.set("weight(app/b2)", [](int second) { return second >= 40 && second < 60 ? 0 : 1; });
  tell(run, [](UserRequest& request, int round) {
    if (round < 12) leave_the_second(request, round);
    request.decision = Reason::source_hash;
    request.broken = Reason::none;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"bound_server_out"});
  BOOST_TEST(diagnosis.found[0].explains == 1.0);
  BOOST_TEST(evidence(diagnosis, 0).text ==
             "20 of 20 lost sessions, of 10 users, the first at 41.0 s: app/b2 took no connections "
             "for a time");
}

BOOST_AUTO_TEST_CASE(a_source_hash_that_changes_for_other_reasons_is_not_the_servers_fault) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    leave_the_second(request, round);
    request.decision = Reason::source_hash;
    request.broken = Reason::none;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {});
  BOOST_TEST(names(diagnosis.symptoms) == std::vector<std::string>{"lost_sessions"},
             boost::test_tools::per_element());
  BOOST_TEST(diagnosis.verdict == "no known cause explains it");
}

BOOST_AUTO_TEST_CASE(addresses_that_users_share_in_turn_are_told_as_those_of_a_cdn) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    request.address = 1 + (static_cast<int>(request.user) + 3 * round) % 8;
    wander(request, round);
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"address_change"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(evidence(diagnosis, 0).text.ends_with("the balancer saw another address than before"));
  BOOST_TEST(evidence(diagnosis, 1).text ==
             "8 addresses with 20.0 of these users each: something in front of the balancer shares "
             "them, a CDN, a WAF or a NAT pool");
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(addresses_of_one_user_each_are_told_as_those_of_users_who_move) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    if (round < 10) return;
    request.address += 100;
    wander(request, 1);
    if (round == 10) request.decision = Reason::stickiness_bound;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"address_change"});
  BOOST_TEST(evidence(diagnosis, 0).text.starts_with("20 of 20 lost sessions, of 20 users"));
  BOOST_TEST(evidence(diagnosis, 1).text ==
             "20 addresses, each of one user: they move, or are given others");
}

BOOST_AUTO_TEST_CASE(addresses_that_change_under_a_source_hash_are_told) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    request.decision = Reason::source_hash;
    request.address = 1 + (static_cast<int>(request.user) + 3 * round) % 8;
    wander(request, round);
  });
  check_found(run.diagnose(), {"address_change"});
}

BOOST_AUTO_TEST_CASE(addresses_that_change_and_lead_to_the_same_server_harm_nobody) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) { request.address += 20 * round; });
  BOOST_TEST(run.diagnose().nothing_wrong());
}

BOOST_AUTO_TEST_CASE(an_address_that_many_share_for_good_harms_nobody) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int) {
    request.address = 1;
    request.server = "app/b1";
  });
  BOOST_TEST(run.diagnose().nothing_wrong());
}

// Pauses of 45 s.
void come_late(UserRequest& request, int round) {
  wander(request, round);
  if (round == 0) return;
  request.decision = Reason::stickiness_bound;
  request.broken = Reason::stickiness_over;
}

BOOST_AUTO_TEST_CASE(stickiness_that_is_over_before_users_come_again_is_told) {
  MadeTrace run;
  tell(run, come_late, 0, 3, 45);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_over"});
  BOOST_TEST((diagnosis.found[0].confidence == Confidence::certain));
  BOOST_TEST(evidence(diagnosis, 0).text.ends_with("the binding of their address was over"));
  BOOST_TEST(evidence(diagnosis, 1).text == "none of these users had paused for less than 45.0 s");
  BOOST_TEST(check_queries(run) == 2U);
}

BOOST_AUTO_TEST_CASE(bindings_that_are_over_and_made_anew_at_the_same_server_harm_nobody) {
  MadeTrace run;
  tell(
      run,
      [](UserRequest& request, int round) {
        come_late(request, round);
        request.server = server_of(request.user);
      },
      0, 3, 45);
  BOOST_TEST(run.diagnose().nothing_wrong());
}

// A binding is the address's: another user of it may have come while it was over, and moved all.
BOOST_AUTO_TEST_CASE(a_binding_that_another_user_of_the_address_found_over_is_told) {
  MadeTrace run;
  tell(
      run,
      [](UserRequest& request, int round) {
        request.address = 1;
        request.server = server_of(static_cast<std::uint32_t>(round));
        const bool first = request.user == 0 && round > 0;
        if (first) request.broken = Reason::stickiness_over;
        if (first) request.decision = Reason::stickiness_bound;
      },
      0, 3, 45);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_over"});
  BOOST_TEST(evidence(diagnosis, 0).text.starts_with("40 of 40 lost sessions"));
}

BOOST_AUTO_TEST_CASE(two_causes_at_once_are_both_told_with_their_shares) {
  MadeTrace run;
  tell(
      run,
      [](UserRequest& request, int round) {
        come_late(request, round);
        if (request.user >= 5) return;
        request.broken = Reason::none;
        request.address += 20 * round;
      },
      0, 3, 45);
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_over", "address_change"});
  BOOST_TEST(diagnosis.found[0].explains == 0.75);
  BOOST_TEST(diagnosis.found[1].explains == 0.25);
}

BOOST_AUTO_TEST_CASE(what_has_another_reason_stays_unexplained) {
  for (const bool evicted : {true, false}) {
    MadeTrace run;
    tell(run, [&](UserRequest& request, int round) {
      wander(request, round);
      if (evicted) {
        request.broken = Reason::stickiness_evicted;
        request.decision = Reason::stickiness_bound;
      } else {
        request.node = round % 2 == 0 ? "lvs1" : "lvs2";  // each with a table of its own
      }
    });
    const auto diagnosis = run.diagnose();
    check_found(diagnosis, {});
    BOOST_TEST(diagnosis.verdict == "no known cause explains it");
    auto query = run.reader().query("SELECT cause, lost FROM switch_causes");
    BOOST_REQUIRE(query.next());
    BOOST_TEST(trace::to_text(query.row()[0]) == (evicted ? "stickiness_evicted" : "node_change"));
    BOOST_TEST(trace::to_integer(query.row()[1]) == kNotFirst);
  }
}

BOOST_AUTO_TEST_CASE(what_is_left_beside_a_cause_is_said) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    wander(request, round);
    if (request.user < 10) request.decision = Reason::none;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_off"});
  BOOST_TEST(diagnosis.verdict.ends_with("; 50 % of the lost sessions are not explained"),
             diagnosis.verdict);
  BOOST_TEST(diagnosis.complaint() == "the lost sessions");
}

// 1 of 360 is no cause beside the others.
BOOST_AUTO_TEST_CASE(a_single_loss_among_many_is_no_cause) {
  MadeTrace run;
  tell(run, [](UserRequest& request, int round) {
    request.decision = Reason::none;
    wander(request, round);
    if (request.user == 3 && round == 7) {
      request.decision = Reason::sticky;
      request.address = 99;
    }
    if (request.user == 3 && round == 6) request.decision = Reason::sticky;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_off"});
  BOOST_TEST(because(diagnosis, "address_change") == "1 of 360 lost sessions, too few");
}

// Sessions are lost where requests fail for another reason: the failures come first.
BOOST_AUTO_TEST_CASE(causes_of_failures_rank_before_those_of_lost_sessions) {
  MadeTrace run;
  fail_half(run, 20);
  run.set("no_source_port(balancer)", between(20, kSeconds + 1, 100));
  run.add("failed(c1)", between(22, kSeconds + 1, 50));
  run.add("connected(c1)", between(22, kSeconds + 1, -50));
  run.add("syn_retransmissions(c1)", between(20, kSeconds + 1, 50));
  run.drops({.reason = Reason::no_source_port, .per_second = 100, .from = 20});
  tell(run, [](UserRequest& request, int round) {
    request.decision = Reason::none;
    wander(request, round);
  });
  const auto diagnosis = run.diagnose();
  BOOST_REQUIRE_GE(diagnosis.found.size(), 2U);
  BOOST_TEST(diagnosis.found.front().cause == "balancer_ports");
  BOOST_TEST(diagnosis.found.back().cause == "stickiness_off");
  BOOST_TEST(diagnosis.found.back().explains == 0.0);
}

// Users are thrown out, and traffic is uneven as well: that they mind less.
BOOST_AUTO_TEST_CASE(causes_of_lost_sessions_rank_before_those_of_uneven_traffic) {
  MadeTrace run;
  run.set("weight(app/b1)", 3).set("scheduled(app/b1)", 75).set("scheduled(app/b2)", 25);
  tell(run, [](UserRequest& request, int round) {
    wander(request, round);
    if (request.user < 10) request.decision = Reason::none;
  });
  const auto diagnosis = run.diagnose();
  check_found(diagnosis, {"stickiness_off", "uneven_weights"});
  BOOST_TEST(diagnosis.found[0].explains == 0.5);
  BOOST_TEST(diagnosis.found[1].explains == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::diagnosis::test
