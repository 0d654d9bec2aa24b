// The assertion itself.
#include "models/contract/require.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/contract/stops_the_program.hpp"

namespace elblab::contract {

BOOST_AUTO_TEST_SUITE(require)

// Tests are built with the checks: without them, every test of a violation would hold for nothing.
BOOST_AUTO_TEST_CASE(is_on_in_this_build) { BOOST_TEST(kChecked); }

BOOST_AUTO_TEST_CASE(a_false_condition_stops_the_program_and_says_where_and_what) {
  const std::string said = violation_by([] { ELBLAB_REQUIRE(1 + 1 == 3, "sums are right"); });
  BOOST_TEST(said.find("require_test.cpp:") != std::string::npos);
  BOOST_TEST(said.find("violated: sums are right (1 + 1 == 3)\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_true_condition_lets_it_go_on_and_is_evaluated_once) {
  int times = 0;
  ELBLAB_REQUIRE(++times > 0, "counted");
  BOOST_TEST(times == 1);
  BOOST_TEST(violation_by([] { ELBLAB_REQUIRE(true, "fine"); }) == "went on");
}

BOOST_AUTO_TEST_CASE(an_end_of_another_kind_is_not_taken_for_a_violation) {
  BOOST_TEST(violation_by([] { _exit(3); }).starts_with("ended otherwise"));
  BOOST_TEST(!violates([] { std::abort(); }, "sums are right"));
  BOOST_TEST(!violates([] {}, "sums are right"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::contract
