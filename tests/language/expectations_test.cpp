#include <boost/test/unit_test.hpp>

#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

using namespace std::chrono_literals;
using testing::kExample;
using testing::with;

constexpr std::string_view kReplaced = "{measure: refused_locally(c1), stat: total, above: 0}";

Expectation expectation(const std::string& fields) {
  return testing::decoded(with(kExample, kReplaced, "{" + fields + "}")).expectations.at(2);
}

std::string refusal(const std::string& fields) {
  const std::string answer = testing::errors_of(with(kExample, kReplaced, "{" + fields + "}"));
  return answer.substr(0, answer.find('\n'));
}

BOOST_AUTO_TEST_SUITE(expectation_language)

BOOST_AUTO_TEST_CASE(every_condition_becomes_bounds) {
  struct Row {
    std::string condition;
    std::optional<double> low, high;
    bool low_open, high_open;
    std::string text;
  };
  const std::vector<Row> rows{{"equals: 5", 5, 5, false, false, "5"},
                              {"within: [1, 2000]", 1, 2000, false, false, "1 … 2,000"},
                              {"about: 200, tolerance: 10%", 180, 220, false, false, "200 ± 10 %"},
                              {"above: 5", 5, std::nullopt, true, false, "> 5"},
                              {"below: 5", std::nullopt, 5, false, true, "< 5"},
                              {"at_least: 5", 5, std::nullopt, false, false, "≥ 5"},
                              {"at_most: 5", std::nullopt, 5, false, false, "≤ 5"}};
  for (const Row& row : rows) {
    const Expectation e = expectation("measure: time_wait(c1), stat: max, " + row.condition);
    BOOST_TEST_CONTEXT(row.condition) {
      BOOST_TEST((e.low == row.low && e.high == row.high));
      BOOST_TEST(e.low_exclusive == row.low_open);
      BOOST_TEST(e.high_exclusive == row.high_open);
      BOOST_TEST(e.expected_text == row.text);
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_carry_the_unit_of_the_measure) {
  BOOST_TEST(*expectation("measure: m7_in_Bps(balancer), stat: total, at_least: 2MB").low == 2e6);
  BOOST_TEST(*expectation("measure: m7_in_Bps(balancer), stat: mean, at_least: 2MB/s").low == 2e6);
  BOOST_TEST(*expectation("measure: response_time(burst), at_most: 0.5s").high == 500.0);
  BOOST_TEST(*expectation("measure: connected(c1), stat: mean, above: 3/s").low == 3.0);
  BOOST_TEST(refusal("measure: connected(c1), stat: total, above: 3/s") ==
             "x.yaml:34:52: '3/s' is not a number");
  BOOST_TEST(refusal("measure: connected(c1), stat: mean, above: 3s") ==
             "x.yaml:34:51: '3s' is not a number per second; write 940/s");
}

BOOST_AUTO_TEST_CASE(the_usual_statistic_follows_from_the_kind_of_measure) {
  BOOST_TEST((expectation("measure: connected(c1), above: 3").stat == Stat::total));
  BOOST_TEST((expectation("measure: time_wait(c1), above: 3").stat == Stat::mean));
  BOOST_TEST(
      refusal("measure: time_wait(c1), stat: total, above: 3") ==
      "x.yaml:34:38: time_wait is a level, which has no total; choose mean, max, min or last");
}

BOOST_AUTO_TEST_CASE(every_scope_has_its_objects) {
  for (const std::string measure : {"time_wait(b4)", "dropped(balancer)", "dropped(c1)",
                                    "scheduled(app/b2)", "responses(burst)", "link_drops(c1)"}) {
    BOOST_TEST(expectation("measure: " + measure + ", stat: last, above: 1").measure.to_string() ==
               measure);
  }
}

BOOST_AUTO_TEST_CASE(unknown_measures_and_objects_are_answered_with_the_nearest) {
  const auto whole = [](const std::string& fields) {
    return testing::errors_of(with(kExample, kReplaced, "{" + fields + "}"));
  };
  std::string answer = whole("measure: time_wate(c1), above: 1");
  BOOST_TEST(answer.starts_with("x.yaml:34:17: unknown measure 'time_wate'"), answer);
  BOOST_TEST(answer.ends_with("did you mean 'time_wait'?"), answer);
  answer = whole("measure: time_wait(c2), above: 1");
  BOOST_TEST(
      answer.starts_with("x.yaml:34:17: time_wait belongs to a host; there is none named 'c2'"),
      answer);
  BOOST_TEST(answer.ends_with("did you mean 'time_wait(c1)'?"), answer);
  answer = whole("measure: scheduled(app/b7), above: 1");
  BOOST_TEST(answer.ends_with("did you mean 'scheduled(app/b1)'?"), answer);
  BOOST_TEST(refusal("measure: time_wait, above: 1") ==
             "x.yaml:34:17: 'time_wait' is not a measure; write name(object), time_wait(c1)");
}

BOOST_AUTO_TEST_CASE(phases_and_windows_lie_in_the_run) {
  const Expectation e =
      expectation("measure: time_wait(c1), from: 60s, to: 120s, window: 10s, above: 1");
  BOOST_TEST((e.from == kStart + 60s && e.to == kStart + 120s && *e.window == 10s));
  const std::string begin = "measure: time_wait(c1), above: 1, ";
  BOOST_TEST(refusal(begin + "from: 300s") == "x.yaml:34:48: after the end of the run, 300s");
  BOOST_TEST(refusal(begin + "to: 301s") == "x.yaml:34:46: after the end of the run, 300s");
  BOOST_TEST(refusal(begin + "from: 60s, to: 60s") ==
             "x.yaml:34:57: the part of the run that counts ends before it begins");
  BOOST_TEST(refusal(begin + "window: 301s") ==
             "x.yaml:34:50: longer than the part of the run that counts, 300s");
  BOOST_TEST(refusal(begin + "window: 1500ms") ==
             "x.yaml:34:50: not a whole number of samples of 1s");
}

BOOST_AUTO_TEST_CASE(a_condition_is_complete_and_only_one) {
  const std::string begin = "measure: time_wait(c1), ";
  BOOST_TEST(refusal(begin + "stat: max") ==
             "x.yaml:34:7: expectation needs exactly one of: equals, within, about, above, below, "
             "at_least, at_most, diagnosis");
  BOOST_TEST(refusal(begin + "above: 1, below: 2") ==
             "x.yaml:34:42: 'below' and 'above' exclude each other in expectation");
  BOOST_TEST(refusal(begin + "about: 1") == "x.yaml:34:32: 'about' needs a 'tolerance' such as 5%");
  BOOST_TEST(refusal(begin + "above: 1, tolerance: 5%") ==
             "x.yaml:34:42: 'tolerance' goes with 'about'");
  BOOST_TEST(refusal(begin + "within: [1]") ==
             "x.yaml:34:40: 'within' needs two values: [low, high]");
  BOOST_TEST(refusal(begin + "within: [2, 1]") ==
             "x.yaml:34:40: the first value is larger than the second");
}

BOOST_AUTO_TEST_CASE(a_run_may_be_compared_with_another) {
  const std::string fields =
      "measure: time_wait(c1), stat: max, about: 2, tolerance: 5%, relative_to: ";
  const Expectation e = expectation(fields + "remedy");
  BOOST_TEST(e.relative_to == "remedy");
  BOOST_TEST(e.unit == "");
  BOOST_TEST(refusal(fields + "symptom").ends_with("a run cannot be compared with itself"));
  BOOST_TEST(refusal(fields + "remedi").ends_with("there is no run named 'remedi'"));
}

BOOST_AUTO_TEST_CASE(all_stands_for_every_run) {
  const std::string text =
      with(kExample, "expect:\n", "expect:\n  all:\n    - {measure: opened(c1), above: 0}\n");
  BOOST_TEST(testing::decoded(text, "symptom").expectations.size() == 5u);
  BOOST_TEST(testing::decoded(text, "remedy").expectations.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_run_that_does_not_exist_cannot_be_expected_of) {
  const std::string answer =
      testing::errors_of(with(kExample, "expect:\n  symptom:", "expect:\n  symtom:"));
  BOOST_TEST(answer.starts_with("x.yaml:31:3: there is no run named 'symtom'"), answer);
  BOOST_TEST(answer.ends_with("did you mean 'symptom'?"), answer);
}

BOOST_AUTO_TEST_CASE(placeholders_and_curves_name_measures) {
  BOOST_TEST(testing::errors_of("why: \"{max time_wait(c1)} sockets\"\ncurves: [time_wait(c1)]\n" +
                                kExample) == "");
  BOOST_TEST(testing::errors_of("why: \"{max time_wait(c7)} sockets\"\n" + kExample)
                 .starts_with("x.yaml:1:1: in {max time_wait(c7)}: time_wait belongs to a host"));
  BOOST_TEST(testing::errors_of("why: \"{most time_wait(c1)}\"\n" + kExample)
                 .starts_with("x.yaml:1:1: {most time_wait(c1)} is not a placeholder"));
  BOOST_TEST(testing::errors_of("curves: [time_wait(c1), nothing(c1)]\n" + kExample)
                 .starts_with("x.yaml:1:25: unknown measure 'nothing'"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
