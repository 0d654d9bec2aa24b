// When a server is healthy: Judgement beside haproxy, result by result.
//
// The rules are one and the same – so many results in a row against the verdict turn it – but for
// what nothing is known of: with haproxy it is up and its first result decides, either way; here it
// gets no traffic (HC-11), the first success decides (HC-10), and failures count as ever. As many
// equal results in a row as turn a verdict bring both to the same state, whatever it was.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <set>

#include "models/health/judgement.hpp"
#include "models/random/stream.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/peers/haproxy_rule.hpp"
#include "tests/peers/health_courses.hpp"
#include "tests/peers/probed_handshakes.hpp"
#include "tests/peers/probed_listeners.hpp"

namespace elblab::peers {
namespace {

using health::Judgement;
using health::Verdict;
using std::chrono::milliseconds;

constexpr unsigned kRetries[] = {1, 2, 3, 5, 10};

// Passes and failures in runs about as long as it takes to turn a verdict. The last of the kinds of
// failures is never there twice in a row, nor at the end: see Schedule.
std::vector<std::string> drawn_results(random::Stream& random, bool first_passes,
                                       unsigned run_length, std::size_t count,
                                       const std::vector<std::string>& failures) {
  std::vector<std::string> results;
  const std::string pass = failures.front().substr(0, 2) + "OK";
  for (bool passes = first_passes; results.size() < count; passes = !passes) {
    for (std::uint64_t left = 1 + random.below(run_length * 3 / 2 + 1); left > 0; --left) {
      std::string failure = failures[random.below(failures.size())];
      const bool last = results.size() + 1 == count;
      if (last || (!results.empty() && results.back() == failure)) failure = failures.front();
      results.push_back(passes ? pass : failure);
    }
  }
  results.resize(count);
  return results;
}

// Of each number of retries: servers that begin with a success, with a failure, and fully up.
std::vector<Schedule> drawn_schedules(random::Stream& random, std::size_t count,
                                      const std::vector<std::string>& failures) {
  std::vector<Schedule> schedules;
  for (const unsigned retries : kRetries) {
    for (int kind = 0; kind < 4; ++kind) {
      const bool first_passes = kind % 2 == 0;
      schedules.push_back(
          {.rise = retries,
           .fall = retries,
           .fully_up = kind >= 2,
           .results = drawn_results(random, first_passes, retries, count, failures)});
    }
  }
  return schedules;
}

bool same(const Judgement& ours, const CheckState& theirs) {
  return ours.verdict() == (theirs.up ? Verdict::healthy : Verdict::unhealthy) &&
         ours.against() == theirs.against;
}

// The number of results after which the two rules must agree.
std::size_t agree_from(const Schedule& schedule) {
  if (schedule.fully_up) return 0;
  if (schedule.passed(0)) return 1;
  std::size_t in_a_row = 0;
  for (std::size_t probe = 0; probe < schedule.results.size(); ++probe) {
    in_a_row = probe > 0 && schedule.passed(probe) == schedule.passed(probe - 1) ? in_a_row + 1 : 1;
    if (in_a_row == schedule.fall) return probe + 1;
  }
  return schedule.results.size() + 1;
}

struct Seen {
  std::size_t results = 0;
  std::size_t turns = 0;  // of haproxy's: up to down or down to up
  std::size_t agreed = 0;
  std::size_t agreed_turns = 0;
  std::size_t apart = 0;  // of those where the rules may differ: did
};

void compare(const Schedule& schedule, const HealthCourse& course, Seen& seen) {
  HaproxyRule rule(schedule.rise, schedule.fall, schedule.fully_up);
  Judgement ours(schedule.fall, schedule.fully_up ? Verdict::healthy : Verdict::unknown);
  const std::size_t agree = agree_from(schedule);
  for (std::size_t n = 0; n < course.size(); ++n) {
    bool ours_turned = false;
    if (n > 0) {
      BOOST_REQUIRE_EQUAL(course[n].result, schedule.results[n - 1]);
      rule.note(schedule.passed(n - 1));
      ours_turned = ours.note(schedule.passed(n - 1));
      ++seen.results;
    }
    BOOST_REQUIRE_EQUAL(course[n].up, rule.up());
    BOOST_REQUIRE_EQUAL(course[n].against, rule.against());
    const bool turned = n > 0 && course[n].up != course[n - 1].up;
    if (turned) ++seen.turns;
    if (n < agree) {
      if (!same(ours, course[n])) ++seen.apart;
      continue;
    }
    BOOST_REQUIRE(same(ours, course[n]));
    if (n > 0) ++seen.agreed;
    if (n > agree) {
      BOOST_REQUIRE_EQUAL(ours_turned, turned);
      if (turned) ++seen.agreed_turns;
    }
  }
}

Seen compare_all(const std::vector<Schedule>& schedules, const std::vector<HealthCourse>& courses) {
  Seen seen;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    BOOST_TEST_CONTEXT("server " << i << ", rise " << schedules[i].rise << ", fall "
                                 << schedules[i].fall) {
      compare(schedules[i], courses[i], seen);
    }
  }
  return seen;
}

void print(const char* check, const Seen& seen) {
  std::printf(
      "%s checks: %zu results, %zu turns of haproxy's; alike for %zu results and %zu turns, before "
      "that apart after %zu\n",
      check, seen.results, seen.turns, seen.agreed, seen.agreed_turns, seen.apart);
}

std::unique_ptr<ProbedServers> listeners(std::size_t count) {
  return std::make_unique<ProbedListeners>(count);
}

const std::vector<std::string> kHttpCheck{"option httpchk GET /", "timeout check 10s",
                                          "http-check expect status 200,202,401"};

// What haproxy, and what we, think after each of some results: "U" up, "D" down, "?" unknown.
struct Beside {
  std::string theirs;
  std::string ours;
};

Beside beside(const Schedule& schedule, const HealthCourse& course) {
  Beside result;
  Judgement ours(schedule.fall);
  for (std::size_t n = 0; n < course.size(); ++n) {
    if (n > 0) ours.note(schedule.passed(n - 1));
    result.theirs += course[n].up ? 'U' : 'D';
    result.ours += ours.verdict() == Verdict::unknown   ? '?'
                   : ours.verdict() == Verdict::healthy ? 'U'
                                                        : 'D';
  }
  return result;
}

using live::NeedsPrivileges;
using NeedsHaproxy = HaproxyPeer::Needed;
BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);
BOOST_TEST_GLOBAL_FIXTURE(NeedsHaproxy);

}  // namespace

BOOST_AUTO_TEST_SUITE(health_beside_haproxy)

BOOST_AUTO_TEST_CASE(http_results_turn_a_verdict_when_they_turn_haproxys) {
  random::Stream random(12, "http");
  const std::vector<Schedule> schedules = drawn_schedules(random, 80, {"L7STS", "L7RSP"});
  const auto courses =
      health_courses([&](const PeerNetwork&) { return listeners(schedules.size()); }, schedules,
                     kHttpCheck, milliseconds(10));
  const Seen seen = compare_all(schedules, courses);
  BOOST_TEST(seen.agreed_turns >= 100u);
  print("HTTP", seen);
}

BOOST_AUTO_TEST_CASE(tcp_results_turn_a_verdict_when_they_turn_haproxys) {
  random::Stream random(12, "tcp");
  const std::vector<Schedule> schedules = drawn_schedules(random, 30, {"L4CON", "L4TOUT"});
  const auto courses = health_courses(
      [](const PeerNetwork& network) {
        return std::make_unique<ProbedHandshakes>(network.network());
      },
      schedules, {}, milliseconds(60));
  const Seen seen = compare_all(schedules, courses);
  BOOST_TEST(seen.agreed_turns >= 50u);
  print("TCP", seen);
}

// By design (HC-10, HC-11): without a result haproxy sends traffic, we do not; a first failure is
// final for haproxy, and says nothing yet here; a first success after it is enough here.
BOOST_AUTO_TEST_CASE(a_server_of_which_nothing_is_known_is_up_with_haproxy_and_waits_for_us) {
  const std::string ok = "L7OK";
  const std::string bad = "L7STS";
  const std::vector<Schedule> schedules{
      {.rise = 3, .fall = 3, .results = {ok, bad, bad, bad, ok, ok, ok}},
      {.rise = 3, .fall = 3, .results = {bad, ok, bad, bad, ok, ok, ok}},
      {.rise = 3, .fall = 3, .results = {bad, bad, ok, ok, ok, bad}},
      {.rise = 3, .fall = 3, .results = {bad, bad, bad, ok, ok, ok}},
      {.rise = 2, .fall = 3, .results = {ok, bad, bad, bad, ok, ok}}};  // haproxy's defaults
  const std::vector<Beside> expected{{"UUUUDDDU", "?UUUDDDU"},
                                     {"UDDDDDDU", "??UUUUUU"},
                                     {"UDDDDUU", "???UUUU"},
                                     {"UDDDDDU", "???DDDU"},
                                     {"UUUUDDU", "?UUUDDD"}};
  const auto courses =
      health_courses([&](const PeerNetwork&) { return listeners(schedules.size()); }, schedules,
                     kHttpCheck, milliseconds(10));
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    const Beside seen = beside(schedules[i], courses[i]);
    BOOST_TEST(seen.theirs == expected[i].theirs);
    BOOST_TEST(seen.ours == expected[i].ours);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers
