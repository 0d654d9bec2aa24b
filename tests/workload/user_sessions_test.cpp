// Whose session is lost, told by who answered whom last: checked step by step, and beside a list
// that knows which server answered each user's last request.
#include "models/workload/user_sessions.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::workload {
namespace {

using Found = UserSessions::Found;

void check(Found found, Found expected) {
  BOOST_TEST(static_cast<int>(found) == static_cast<int>(expected));
}

BOOST_AUTO_TEST_SUITE(user_sessions)

BOOST_AUTO_TEST_CASE(a_user_who_stays_is_known_from_his_second_request_on) {
  UserSessions server;
  check(server.note(7, 0), Found::begun);
  check(server.note(7, 1), Found::kept);
  check(server.note(7, 2), Found::kept);
}

BOOST_AUTO_TEST_CASE(a_user_who_comes_from_another_server_is_not_known) {
  UserSessions first, second;
  check(first.note(7, 0), Found::begun);
  check(second.note(7, 1), Found::lost);
  check(second.note(7, 2), Found::kept);
}

BOOST_AUTO_TEST_CASE(what_a_server_knew_before_the_user_went_elsewhere_is_out_of_date) {
  UserSessions first, second;
  check(first.note(7, 0), Found::begun);
  check(second.note(7, 1), Found::lost);
  check(first.note(7, 2), Found::lost);
  check(first.note(7, 3), Found::kept);
}

BOOST_AUTO_TEST_CASE(users_do_not_know_each_others_sessions) {
  UserSessions server;
  check(server.note(7, 0), Found::begun);
  check(server.note(8, 1), Found::lost);
  check(server.note(8, 2), Found::kept);
  check(server.note(7, 1), Found::kept);
}

BOOST_AUTO_TEST_CASE(
    a_request_that_comes_again_because_its_answer_was_lost_is_of_the_same_session) {
  UserSessions server;
  check(server.note(7, 0), Found::begun);
  check(server.note(7, 1), Found::kept);
  check(server.note(7, 1), Found::kept);
  check(server.note(7, 2), Found::kept);
}

BOOST_AUTO_TEST_CASE(a_first_request_that_comes_again_begins_the_session_again) {
  UserSessions first, second;
  check(first.note(7, 0), Found::begun);
  check(second.note(7, 0), Found::begun);
  check(second.note(7, 1), Found::kept);
}

BOOST_AUTO_TEST_CASE(steps_go_round_without_a_session_seeming_new) {
  UserSessions server;
  std::uint8_t step = 0;
  check(server.note(7, step), Found::begun);
  for (int i = 0; i < 1000; ++i) {
    step = next_session_step(step);
    BOOST_TEST(step != 0);
    check(server.note(7, step), Found::kept);
  }
}

// Users go to servers at random; some answers are lost, and then the request is made again.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_list_of_who_answered_whom) {
  constexpr std::uint32_t kUsers = 20;
  random::Stream stream(1, "users");
  std::array<UserSessions, 4> servers;
  struct User {
    std::uint8_t step = 0;
    std::vector<std::size_t> before;  // who took the request before this one
    std::vector<std::size_t> now;     // ... and this one, whose answer has not arrived
    bool is_known_to(std::size_t server) const {
      return std::count(before.begin(), before.end(), server) +
                 std::count(now.begin(), now.end(), server) >
             0;
    }
  };
  std::vector<User> users(kUsers);
  int kept = 0;
  int lost = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto number = static_cast<std::uint32_t>(stream.below(kUsers));
    User& user = users[number];
    const std::size_t server = stream.below(servers.size());
    const Found found = servers[server].note(number, user.step);
    check(found, user.step == 0             ? Found::begun
                 : user.is_known_to(server) ? Found::kept
                                            : Found::lost);
    kept += found == Found::kept;
    lost += found == Found::lost;
    user.now.push_back(server);
    if (stream.chance(0.1)) continue;  // the answer is lost, the request made again
    user.before = std::move(user.now);
    user.now.clear();
    user.step = next_session_step(user.step);
  }
  BOOST_TEST(kept > 4000);
  BOOST_TEST(lost > 12'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::workload
