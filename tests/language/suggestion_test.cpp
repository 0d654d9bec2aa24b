#include "scenarios/language/suggestion.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace elblab::language {
namespace {

BOOST_AUTO_TEST_SUITE(suggestions)

BOOST_AUTO_TEST_CASE(distances_are_those_of_the_textbook) {
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
  BOOST_TEST(edit_distance("dealy", "delay") == 1u);  // neighbours swapped
  BOOST_TEST(edit_distance("", "abc") == 3u);
  BOOST_TEST(edit_distance("same", "same") == 0u);
  BOOST_TEST(edit_distance("ca", "abc") == 3u);  // optimal string alignment, not Damerau's 2
}

BOOST_AUTO_TEST_CASE(distance_is_symmetric_and_bounded) {
  std::mt19937 random(7);
  const auto word = [&] {
    std::string text;
    for (std::size_t n = random() % 9; n > 0; --n) text += static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string a = word();
    const std::string b = word();
    const std::size_t distance = edit_distance(a, b);
    BOOST_REQUIRE_EQUAL(distance, edit_distance(b, a));
    BOOST_REQUIRE_EQUAL(distance == 0, a == b);
    BOOST_REQUIRE_LE(distance, std::max(a.size(), b.size()));
    BOOST_REQUIRE_GE(distance, std::max(a.size(), b.size()) - std::min(a.size(), b.size()));
  }
}

BOOST_AUTO_TEST_CASE(only_what_is_near_is_suggested) {
  const std::vector<std::string> known{"rate", "delay", "jitter", "loss"};
  BOOST_TEST(nearest("dealy", known) == "delay");
  BOOST_TEST(nearest("jiter", known) == "jitter");
  BOOST_TEST(nearest("bandwidth", known) == "");
  BOOST_TEST(nearest("", known) == "");
  BOOST_TEST(nearest(std::string(100'000, 'x'), known) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
