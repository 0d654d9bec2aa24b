// The comparison itself: a golden test is worth what this can tell apart.
#include "tests/golden/transcript.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

namespace elblab::golden {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

BOOST_AUTO_TEST_SUITE(transcripts)

BOOST_AUTO_TEST_CASE(equal_transcripts_have_no_differences) {
  const Transcript a = parse_transcript("0.00 > S seq 0\n1.00 > S seq 0\n");
  BOOST_CHECK_EQUAL(differences(a, a, Tolerance{}), "");
}

BOOST_AUTO_TEST_CASE(text_must_be_equal) {
  BOOST_CHECK(
      !differences(parse_transcript("0 > R seq 0"), parse_transcript("0 > R. seq 0"), Tolerance{})
           .empty());
}

BOOST_AUTO_TEST_CASE(a_missing_and_a_surplus_line_are_differences) {
  const Transcript one = parse_transcript("0 > S seq 0");
  const Transcript two = parse_transcript("0 > S seq 0\n1 > S seq 0");
  BOOST_CHECK(!differences(one, two, Tolerance{}).empty());
  BOOST_CHECK(!differences(two, one, Tolerance{}).empty());
}

BOOST_AUTO_TEST_CASE(times_agree_within_the_tolerance_only) {
  const Tolerance tolerance{.base = milliseconds(100)};
  const Transcript expected = parse_transcript("2.00 > S seq 0");
  BOOST_CHECK(differences(expected, parse_transcript("2.099 > S seq 0"), tolerance).empty());
  BOOST_CHECK(differences(expected, parse_transcript("1.901 > S seq 0"), tolerance).empty());
  BOOST_CHECK(!differences(expected, parse_transcript("2.101 > S seq 0"), tolerance).empty());
  BOOST_CHECK(!differences(expected, parse_transcript("1.899 > S seq 0"), tolerance).empty());
}

BOOST_AUTO_TEST_CASE(a_fraction_lets_times_be_late_but_not_early) {
  const Tolerance tolerance{.base = milliseconds(100), .late_fraction = 0.1};
  BOOST_CHECK(tolerance.allows(seconds(10), milliseconds(11'100)));
  BOOST_CHECK(!tolerance.allows(seconds(10), milliseconds(11'101)));
  BOOST_CHECK(tolerance.allows(seconds(10), milliseconds(9'900)));
  BOOST_CHECK(!tolerance.allows(seconds(10), milliseconds(9'899)));
}

BOOST_AUTO_TEST_CASE(a_dash_agrees_with_every_time) {
  BOOST_CHECK(
      differences(parse_transcript("- done"), parse_transcript("17.5 done"), Tolerance{}).empty());
}

BOOST_AUTO_TEST_CASE(notes_are_not_compared) {
  Transcript noted = parse_transcript("0 count: 5..9");
  noted[0].note = "7";
  BOOST_CHECK(differences(parse_transcript("0 count: 5..9"), noted, Tolerance{}).empty());
}

BOOST_AUTO_TEST_CASE(a_line_without_a_time_is_refused) {
  BOOST_CHECK_THROW(parse_transcript("done"), std::invalid_argument);
  BOOST_CHECK_THROW(parse_transcript("soon done"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::golden
