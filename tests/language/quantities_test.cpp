#include "scenarios/language/quantities.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace elblab::language {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(quantities)

BOOST_AUTO_TEST_CASE(durations_have_the_units_people_write) {
  const std::vector<std::pair<std::string, Duration>> table{
      {"30s", 30s},
      {"2ms", 2ms},
      {"200us", 200us},
      {"50ns", 50ns},
      {"5min", 300s},
      {"1h", 3600s},
      {"0s", 0s},
      {"1.5s", 1500ms},
      {"0.1us", 100ns},
      {"2.5h", 9000s},
      {"9000000000s", Duration(9'000'000'000LL * 1'000'000'000LL)}};
  for (const auto& [text, expected] : table) {
    const auto parsed = parse_duration(text);
    BOOST_REQUIRE_MESSAGE(parsed, text << ": " << parsed.error().message);
    BOOST_TEST(parsed->count() == expected.count(), text);
  }
}

BOOST_AUTO_TEST_CASE(sizes_tell_decimal_from_binary_multiples) {
  const std::vector<std::pair<std::string, std::uint64_t>> table{
      {"0B", 0},       {"200B", 200},          {"1KB", 1000},
      {"1KiB", 1024},  {"10MB", 10'000'000},   {"2MiB", 2 * 1024 * 1024},
      {"1.5KB", 1500}, {"3GB", 3'000'000'000}, {"1GiB", 1'073'741'824}};
  for (const auto& [text, expected] : table) BOOST_TEST(*parse_size(text) == expected, text);
}

BOOST_AUTO_TEST_CASE(rates_shares_and_numbers_per_second) {
  BOOST_TEST(*parse_bit_rate("10Mbps") == 1e7);
  BOOST_TEST(*parse_bit_rate("1Gbps") == 1e9);
  BOOST_TEST(*parse_bit_rate("64kbps") == 64e3);
  BOOST_TEST(*parse_per_second("940/s") == 940.0);
  BOOST_TEST(*parse_per_second("470.5/s") == 470.5);
  BOOST_TEST(*parse_share("5%") == 0.05);
  BOOST_TEST(*parse_share("0.05") == 0.05);
}

BOOST_AUTO_TEST_CASE(what_is_no_quantity_is_refused_with_the_reason) {
  const auto why_duration = [](std::string_view text) {
    return parse_duration(text).error().message;
  };
  BOOST_TEST(why_duration("30") ==
             "'30' needs a unit: a duration such as 30s, 200ms, 200us, 5min or 1h");
  BOOST_TEST(why_duration("30sec") ==
             "unknown unit 'sec' in '30sec': a duration has h, min, s, ms, us, ns");
  BOOST_TEST(why_duration("soon") ==
             "'soon' is not a duration; write 30s, 200ms, 200us, 5min or 1h");
  BOOST_TEST(why_duration("-3s") == "'-3s' is negative");
  BOOST_TEST(why_duration("0.5ns") == "'0.5ns' is finer than 1 ns");
  BOOST_TEST(why_duration("99999999999999h") == "'99999999999999h' is too large");
  BOOST_TEST(why_duration("1.2.3s") == "'1.2.3' is not a number");
  BOOST_TEST(parse_per_second("940").error().message ==
             "'940' needs a unit: a number per second such as 940/s");
  BOOST_TEST(parse_integer("0x10").error().message == "'0x10' is not a whole number");
  BOOST_TEST(parse_integer("99999999999999999999").error().message ==
             "'99999999999999999999' is too large");
  for (const std::string text : {"", "-", ".", "5.", ".5", "1e3", "+1", " 1", "1 "}) {
    BOOST_TEST(!parse_number(text), text);
  }
}

// 010 is 8 to YAML 1.1 and 10 to YAML 1.2.
BOOST_AUTO_TEST_CASE(a_leading_zero_is_refused_everywhere) {
  for (const std::string text : {"010", "007", "00"}) BOOST_TEST(!parse_integer(text), text);
  BOOST_TEST(!parse_duration("010s"));
  BOOST_TEST(!parse_per_second("010/s"));
  BOOST_TEST(!parse_size("010B"));
  BOOST_TEST(*parse_integer("0") == 0);
  BOOST_TEST(*parse_number("0.10") == 0.1);
}

BOOST_AUTO_TEST_CASE(what_is_formatted_reads_back_as_the_same_value) {
  std::mt19937_64 random(20201);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random() >> (random() % 62 + 2);
    const Duration duration(static_cast<std::int64_t>(bits));
    BOOST_REQUIRE_EQUAL(parse_duration(format_duration(duration))->count(), duration.count());
    BOOST_REQUIRE_EQUAL(*parse_size(format_size(bits)), bits);
    const double number =
        std::uniform_real_distribution<>(0, 1)(random) * static_cast<double>(bits);
    BOOST_REQUIRE_EQUAL(*parse_number(format_number(number)), number);
    BOOST_REQUIRE_EQUAL(*parse_per_second(format_per_second(number)), number);
    BOOST_REQUIRE_EQUAL(*parse_bit_rate(format_bit_rate(number)), number);
    const double share = static_cast<double>(random() % 10'001) / 10'000;
    BOOST_REQUIRE_EQUAL(*parse_share(format_share(share)), share);
  }
}

BOOST_AUTO_TEST_CASE(people_read_thousands_separators) {
  BOOST_TEST(format_for_people(27950) == "27,950");
  BOOST_TEST(format_for_people(0) == "0");
  BOOST_TEST(format_for_people(999) == "999");
  BOOST_TEST(format_for_people(-1234567.5) == "-1,234,567.5");
  BOOST_TEST(format_for_people(470.5) == "470.5");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
