// Whose users are whose: numbers go through all workloads, in their order.
#include "worlds/user_tally.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::worlds::test {
namespace {

using Found = workload::UserSessions::Found;

BOOST_AUTO_TEST_SUITE(user_tally)

BOOST_AUTO_TEST_CASE(counts_each_user_with_his_workload) {
  language::Scenario scenario;
  for (const std::uint32_t connections : {3U, 0U, 2U}) {
    scenario.workloads.emplace_back();
    scenario.workloads.back().parameters.connections = connections;
  }
  UserTally tally(scenario);
  for (const std::uint32_t user : {0U, 1U, 2U, 3U, 4U}) tally.note(user, Found::begun);
  tally.note(2, Found::kept);
  tally.note(3, Found::lost);
  tally.note(3, Found::lost);
  tally.note(5, Found::lost);  // nobody's
  BOOST_TEST(tally.of(0).begun == 3U);
  BOOST_TEST(tally.of(0).kept == 1U);
  BOOST_TEST(tally.of(0).lost == 0U);
  BOOST_TEST(tally.of(1).begun == 0U);
  BOOST_TEST(tally.of(2).begun == 2U);
  BOOST_TEST(tally.of(2).lost == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::worlds::test
