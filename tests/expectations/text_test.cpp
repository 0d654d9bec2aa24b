// Numbers as a person reads them.
#include "analysis/expectations/text.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

namespace elblab::expectations::test {
namespace {

using language::Expectation;
using language::Stat;
using trace::SeriesKind;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(numbers) {
  const struct {
    double value;
    const char* text;
  } table[] = {{0, "0"},
               {-0.0, "0"},
               {7, "7"},
               {999, "999"},
               {1000, "1,000"},
               {28232, "28,232"},
               {-28232, "-28,232"},
               {-100, "-100"},
               {141110, "141,110"},
               {1234567890, "1,234,567,890"},
               {470.42, "470.4"},
               {22580.04, "22,580.0"},
               {1234567.8, "1,234,568"},
               {2.0143, "2.01"},
               {12.345, "12.35"},
               {0.05, "0.05"},
               {0.009123, "0.00912"},
               {-0.5, "-0.5"},
               {1e300, "1e+300"},
               {std::numeric_limits<double>::infinity(), "infinite"},
               {std::numeric_limits<double>::quiet_NaN(), "not a number"}};
  for (const auto& row : table) BOOST_TEST(number_text(row.value) == row.text);
}

BOOST_AUTO_TEST_CASE(units_stand_where_a_bare_number_would_mislead) {
  const auto unit = [](Stat stat, SeriesKind kind, const char* sampled) {
    Expectation e;
    e.stat = stat;
    return unit_of(e, {1, "x", "c1", sampled, kind});
  };
  BOOST_TEST(unit(Stat::mean, SeriesKind::counter, "connections") == "/s");
  BOOST_TEST(unit(Stat::mean, SeriesKind::counter, "B") == "B/s");
  BOOST_TEST(unit(Stat::total, SeriesKind::counter, "B") == "B");
  BOOST_TEST(unit(Stat::max, SeriesKind::gauge, "sockets") == "");
  BOOST_TEST(unit(Stat::mean, SeriesKind::gauge, "ms") == "ms");
  BOOST_TEST(with_unit("470.4", "/s") == "470.4/s");
  BOOST_TEST(with_unit("12.5", "ms") == "12.5 ms");
  BOOST_TEST(with_unit("3", "") == "3");
}

BOOST_AUTO_TEST_CASE(measured_values) {
  Expectation e;
  BOOST_TEST(measured_text(e, "", 140890, 140890) == "140,890");
  e.stat = Stat::mean;
  BOOST_TEST(measured_text(e, "/s", 470.42, 470.42) == "mean 470.4/s");
  e.stat = Stat::min;
  BOOST_TEST(measured_text(e, "", 3, 3) == "lowest 3");
  e.stat = Stat::last;
  BOOST_TEST(measured_text(e, "", 3, 3) == "at the end 3");
  e.window = std::chrono::milliseconds(1500);
  BOOST_TEST(measured_text(e, "ms", 3, 4) == "at the end 3 … 4 ms in every 1.50 s");
}

BOOST_AUTO_TEST_CASE(conditions) {
  const auto text = [](std::optional<double> low, std::optional<double> high, bool exclusive) {
    Expectation e;
    e.low = low;
    e.high = high;
    e.low_exclusive = e.high_exclusive = exclusive;
    return expected_text(e, "/s");
  };
  BOOST_TEST(text(0, 0, false) == "0/s");
  BOOST_TEST(text(27950, 28232, false) == "27,950 … 28,232/s");
  BOOST_TEST(text(5, {}, false) == "at least 5/s");
  BOOST_TEST(text({}, 5, false) == "at most 5/s");
  BOOST_TEST(text(5, {}, true) == "above 5/s");
  BOOST_TEST(text({}, 5, true) == "below 5/s");
  BOOST_TEST(text(1, 5, true) == "above 1/s and below 5/s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::expectations::test
