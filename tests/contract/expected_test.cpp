// The answer of what can fail: a value or a message, and nothing in between.
#include "models/contract/expected.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include "tests/must.hpp"

namespace elblab {
namespace {

struct CodedError : Error {
  int code = 0;
};

Expected<std::unique_ptr<int>> half_of(int number) {
  if (number % 2 != 0) return Error{std::to_string(number) + " is odd"};
  return std::make_unique<int>(number / 2);
}

Expected<void> quarter_of(int number, int& quarter) {
  auto half = half_of(number);
  if (!half) return half.error();
  auto half_of_half = half_of(**half);
  if (!half_of_half) return half_of_half.error();
  quarter = **half_of_half;
  return {};
}

Expected<int, CodedError> coded(int code) {
  if (code != 0) return CodedError{{"refused"}, code};
  return 7;
}

Expected<int> without_code(int code) {
  auto answer = coded(code);
  if (!answer) return answer.error();
  return *answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(expected)

BOOST_AUTO_TEST_CASE(holds_a_value_that_can_only_be_moved_or_the_message) {
  BOOST_TEST(**half_of(8) == 4);
  BOOST_TEST(!half_of(7).has_value());
  BOOST_TEST(half_of(7).error().message == "7 is odd");
}

BOOST_AUTO_TEST_CASE(an_error_is_passed_on_as_it_is) {
  int quarter = 0;
  BOOST_TEST(quarter_of(8, quarter).has_value());
  BOOST_TEST(quarter == 2);
  BOOST_TEST(quarter_of(6, quarter).error().message == "3 is odd");
}

BOOST_AUTO_TEST_CASE(nothing_is_the_answer_of_what_went_well_and_gives_nothing) {
  static_assert(std::is_default_constructible_v<Expected<void>>);
  BOOST_TEST(Expected<void>().has_value());
}

BOOST_AUTO_TEST_CASE(a_code_goes_along_where_it_is_declared_and_stays_behind_elsewhere) {
  BOOST_TEST(coded(3).error().code == 3);
  BOOST_TEST(without_code(3).error().message == "refused");
  BOOST_TEST(*without_code(0) == 7);
}

BOOST_AUTO_TEST_CASE(what_must_go_well_in_a_test_fails_it_with_the_message) {
  BOOST_TEST(*must(half_of(8)) == 4);
  BOOST_CHECK_EXCEPTION(must(half_of(7)), std::runtime_error, [](const std::runtime_error& error) {
    return error.what() == std::string("7 is odd");
  });
  int quarter = 0;
  must(quarter_of(8, quarter));
  BOOST_CHECK_THROW(must(quarter_of(6, quarter)), std::runtime_error);
  BOOST_TEST(message_of(quarter_of(8, quarter)) == "");
  BOOST_TEST(message_of(quarter_of(6, quarter)) == "3 is odd");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab
