// Verdicts.
#include "analysis/expectations/evaluate.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/expectations/recorded_series.hpp"

namespace elblab::expectations::test {
namespace {

using language::Expectation;
using language::Stat;
using trace::SeriesKind;

// Connections arrive in bursts: 940 each second for 30 s, then none for 30 s, five times.
std::vector<double> bursts() {
  std::vector<double> values;
  for (int i = 0; i < 300; ++i) values.push_back(i % 60 < 30 ? 940 : 0);
  return values;
}

Expectation expectation(const std::string& name, Stat stat) {
  Expectation e;
  e.measure = {name, "c1"};
  e.stat = stat;
  return e;
}

Expectation within(const std::string& name, Stat stat, double low, double high) {
  Expectation e = expectation(name, stat);
  e.low = low;
  e.high = high;
  return e;
}

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

struct Fixture {
  RecordedRun run{{{"connected", "c1", SeriesKind::counter, "connections", every(1, bursts())},
                   {"time_wait", "c1", SeriesKind::gauge, "sockets", every(1, {1, 28232, 27000})},
                   {"dropped", "c1", SeriesKind::counter, "packets", every(1, {0, 0, 0})}}};
};

BOOST_FIXTURE_TEST_SUITE(verdicts, Fixture)

BOOST_AUTO_TEST_CASE(a_value_within_the_bounds_holds) {
  const Verdict v = evaluate(within("time_wait", Stat::max, 27950, 28232), run.reader(), nullptr);
  BOOST_TEST(v.holds);
  BOOST_TEST(v.measured == 28232);
  BOOST_TEST(v.problem == "");
  BOOST_TEST(v.measured_text == "peak 28,232");
  BOOST_TEST(v.expected_text == "27,950 … 28,232");
  BOOST_TEST(!v.measured_low.has_value());
}

BOOST_AUTO_TEST_CASE(a_value_beyond_a_bound_fails) {
  BOOST_TEST(!evaluate(within("time_wait", Stat::max, 1, 28231), run.reader(), nullptr).holds);
  BOOST_TEST(!evaluate(within("time_wait", Stat::max, 28233, 1e9), run.reader(), nullptr).holds);
}

BOOST_AUTO_TEST_CASE(exclusive_bounds_exclude_the_bound) {
  Expectation e = within("time_wait", Stat::max, 28232, 28232);
  BOOST_TEST(evaluate(e, run.reader(), nullptr).holds);
  e.low_exclusive = true;
  BOOST_TEST(!evaluate(e, run.reader(), nullptr).holds);
  e.low_exclusive = false;
  e.high_exclusive = true;
  BOOST_TEST(!evaluate(e, run.reader(), nullptr).holds);
}

BOOST_AUTO_TEST_CASE(an_open_end_is_open) {
  Expectation e = expectation("dropped", Stat::total);
  e.high = 0;
  BOOST_TEST(evaluate(e, run.reader(), nullptr).holds);
  e.high.reset();
  e.low = 0;
  e.low_exclusive = true;
  const Verdict v = evaluate(e, run.reader(), nullptr);
  BOOST_TEST(!v.holds);
  BOOST_TEST(v.measured_text == "0");
  BOOST_TEST(v.expected_text == "above 0");
}

BOOST_AUTO_TEST_CASE(the_files_own_words_for_the_condition_go_first) {
  Expectation e = within("connected", Stat::mean, 446.975, 494.025);
  e.expected_text = "470.5 ± 5 %";
  const Verdict v = evaluate(e, run.reader(), nullptr);
  BOOST_TEST(v.holds);
  BOOST_TEST(v.expected_text == "470.5 ± 5 %");
  BOOST_TEST(v.measured_text == "mean 470/s");
}

// Over any window of a whole period the mean is 470; over half a period it is all or nothing.
BOOST_AUTO_TEST_CASE(every_position_of_a_window_must_satisfy_the_condition) {
  Expectation e = within("connected", Stat::mean, 465, 475);
  e.window = std::chrono::seconds(60);
  const Verdict whole = evaluate(e, run.reader(), nullptr);
  BOOST_TEST(whole.holds);
  BOOST_TEST(*whole.measured_low == 470);
  BOOST_TEST(*whole.measured_high == 470);
  BOOST_TEST(whole.measured_text == "mean 470/s in every 60 s");

  e.window = std::chrono::seconds(45);
  const Verdict part = evaluate(e, run.reader(), nullptr);
  BOOST_TEST(!part.holds);
  // 15 to 30 of 45 s are in a burst. 626.7 is 151.7 above; 313.3 is 151.7 below: the first counts.
  BOOST_TEST(*part.measured_low == 940.0 * 15 / 45, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(*part.measured_high == 940.0 * 30 / 45, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(part.measured_text == "mean 313.3 … 626.7/s in every 45 s");

  e.low = 300;
  BOOST_TEST(evaluate(e, run.reader(), nullptr).measured == 940.0 * 30 / 45,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_window_stays_inside_its_phase) {
  Expectation e = within("connected", Stat::total, 0, 0);
  e.from = at(30);
  e.to = at(60);
  e.window = std::chrono::seconds(30);
  BOOST_TEST(evaluate(e, run.reader(), nullptr).holds);
  e.to = at(61);
  BOOST_TEST(!evaluate(e, run.reader(), nullptr).holds);
  e.to = at(50);
  BOOST_TEST(evaluate(e, run.reader(), nullptr).problem ==
             "a window of 30 s takes 30 samples, and there are 20 between 30 s and 50 s");
}

BOOST_AUTO_TEST_CASE(a_run_is_compared_with_another) {
  std::vector<double> doubled = bursts();
  for (double& value : doubled) value *= 2;
  const RecordedRun twice({{"connected", "c1", SeriesKind::counter, "", every(1, doubled)}});
  Expectation e = within("connected", Stat::mean, 1.9, 2.1);
  e.from = at(60);
  e.relative_to = "symptom";
  const Verdict v = evaluate(e, twice.reader(), &run.reader());
  BOOST_TEST(v.holds);
  BOOST_TEST(v.measured == 2);
  BOOST_TEST(v.measured_text == "mean 2 × symptom");
  BOOST_TEST(v.expected_text == "1.90 … 2.10 × symptom");
  BOOST_TEST(!evaluate(e, run.reader(), &run.reader()).holds);

  e.window = std::chrono::seconds(60);
  BOOST_TEST(evaluate(e, twice.reader(), &run.reader()).holds);

  BOOST_TEST(evaluate(e, twice.reader(), nullptr).problem ==
             "there is no trace of run 'symptom' to compare with");
  e.window.reset();
  e.from = at(30);
  e.to = at(60);
  BOOST_TEST(mentions(evaluate(e, twice.reader(), &run.reader()).problem, "'symptom' has 0 there"));
  BOOST_TEST(!evaluate(e, twice.reader(), &run.reader()).holds);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_judged_says_why_and_does_not_hold) {
  Expectation e = within("time_wait", Stat::max, 0, 1e9);
  e.measure.object = "c9";
  Verdict v = evaluate(e, run.reader(), nullptr);
  BOOST_TEST(!v.holds);
  BOOST_TEST(v.problem == "no series time_wait(c9) in the trace; there is time_wait(c1)");

  e.measure = {"nonsense", "c1"};
  BOOST_TEST(evaluate(e, run.reader(), nullptr).problem == "no series nonsense(c1) in the trace");

  e.measure = {"time_wait", "c1"};
  e.stat = Stat::total;
  BOOST_TEST(mentions(evaluate(e, run.reader(), nullptr).problem, "a level has no total"));

  e.stat = Stat::max;
  e.from = at(1000);
  BOOST_TEST(evaluate(e, run.reader(), nullptr).problem == "no samples from 1,000 s on");

  v = evaluate(expectation("time_wait", Stat::max), run.reader(), nullptr);
  BOOST_TEST(v.problem == "the expectation has no bound");
  BOOST_TEST(!v.holds);
}

BOOST_AUTO_TEST_CASE(an_incomplete_run_shows_nothing) {
  const RecordedRun cut({{"dropped", "c1", SeriesKind::counter, "", every(1, {0})}}, false);
  const Verdict v = evaluate(within("dropped", Stat::total, 0, 0), cut.reader(), nullptr);
  BOOST_TEST(!v.holds);
  BOOST_TEST(mentions(v.problem, "incomplete"));
}

BOOST_AUTO_TEST_CASE(rounding_does_not_decide) {
  // 0.1 + 0.2 is a little more than 0.3 in binary.
  const RecordedRun tenths({{"x", "c1", SeriesKind::counter, "", every(1, {0.1, 0.2})}});
  BOOST_TEST(evaluate(within("x", Stat::total, 0.3, 0.3), tenths.reader(), nullptr).holds);
  BOOST_TEST(!evaluate(within("x", Stat::total, 0.30001, 1), tenths.reader(), nullptr).holds);
}

BOOST_AUTO_TEST_CASE(placeholders_become_numbers_and_the_rest_stays) {
  const auto filled = [&](const std::string& text) {
    return fill_placeholders(text, run.reader());
  };
  BOOST_TEST(filled("holds {max time_wait(c1)} ports") == "holds 28,232 ports");
  BOOST_TEST(filled("{mean connected(c1)}/s, {total connected(c1)} in all") ==
             "470/s, 141,000 in all");
  BOOST_TEST(filled("{ last  time_wait( c1 ) }") == "27,000");
  BOOST_TEST(filled("{max time_wait(c9)}") == "{max time_wait(c9)}");
  BOOST_TEST(filled("{most time_wait(c1)} {} {max} {max }") ==
             "{most time_wait(c1)} {} {max} {max }");
  BOOST_TEST(filled("{a {min time_wait(c1)} b}") == "{a 1 b}");
  BOOST_TEST(filled("open { and } closed {") == "open { and } closed {");
  BOOST_TEST(filled("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::expectations::test
