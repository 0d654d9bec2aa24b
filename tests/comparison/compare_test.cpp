// The verdict on two traces, and that each look finds what was changed.
#include "analysis/comparison/compare.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/comparison/made_run.hpp"
#include "tests/must.hpp"

namespace elblab::comparison {
namespace {

using test::Changes;
using test::MadeRun;

Expected<Comparison> try_to_compare(const Changes& changes,
                                    const std::vector<language::Expectation>& expectations = {}) {
  const MadeRun a;
  const MadeRun b(changes);
  return compare(a.reader(), b.reader(), expectations, Bounds{});
}

Comparison compared(const Changes& changes,
                    const std::vector<language::Expectation>& expectations = {}) {
  return must(try_to_compare(changes, expectations));
}

const SeriesDifference& series(const Comparison& comparison, const std::string& measure) {
  const auto found = std::find_if(comparison.series.begin(), comparison.series.end(),
                                  [&](const auto& s) { return s.measure == measure; });
  BOOST_REQUIRE(found != comparison.series.end());
  return *found;
}

language::Expectation total_connected(double low) {
  language::Expectation expectation;
  expectation.measure = {"connected", "c1"};
  expectation.stat = language::Stat::total;
  expectation.low = low;
  return expectation;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(comparisons)

BOOST_AUTO_TEST_CASE(equal_runs_are_identical) {
  const Comparison c = compared({}, {total_connected(900)});
  BOOST_TEST((c.agreement == Agreement::identical));
  BOOST_TEST(c.beyond_bounds() == 0u);
  BOOST_TEST(c.first_difference == "");
  BOOST_TEST(c.parting == "");
  BOOST_TEST(c.notes.empty());
  BOOST_TEST(c.order.alike == 1000u);
}

BOOST_AUTO_TEST_CASE(a_few_milliseconds_and_a_few_connections_make_runs_equivalent) {
  Changes changes;
  changes.connected = [](int i, Instant& at, double& value) {
    at += std::chrono::milliseconds(i % 7);
    value += i % 5 == 0 ? 1 : i % 5 == 1 ? -1 : 0;
  };
  changes.connection = [](int i, telemetry::ConnectionRecord& record) {
    record.closed_at += std::chrono::milliseconds(i % 3);
    if (i % 300 == 0) record.reason = telemetry::Reason::reset_by_peer;  // 4 of them
  };
  const Comparison c = compared(changes, {total_connected(900)});
  BOOST_TEST((c.agreement == Agreement::equivalent));
  BOOST_TEST(c.beyond_bounds() == 0u);
  BOOST_TEST(c.first_difference != "");
}

BOOST_AUTO_TEST_CASE(of_two_worlds_the_first_row_that_differs_is_not_told) {
  Changes changes;
  changes.run = [](trace::RunMetadata& run) { run.world = "live"; };
  changes.connected = [](int, Instant& at, double&) { at += std::chrono::microseconds(3); };
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::equivalent));
  BOOST_TEST(c.first_difference == "");
}

BOOST_AUTO_TEST_CASE(a_counter_a_tenth_lower_is_different_and_says_from_when_on) {
  Changes changes;
  changes.connected = [](int, Instant&, double& value) { value = 9; };
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::different));
  const SeriesDifference& connected = series(c, "connected(c1)");
  BOOST_TEST(connected.a == 1000);
  BOOST_TEST(connected.b == 900);
  BOOST_TEST(connected.gap == 100);
  BOOST_TEST(connected.bound == 50);
  BOOST_CHECK_CLOSE_FRACTION(connected.distance, 0.1, 1e-12);
  BOOST_TEST(!connected.within);
  // 10 t - 9 (t + 1) > 50 for the first time at 60 s: within 1.5 s the other has one sample more.
  BOOST_TEST((connected.parts_at == Instant(std::chrono::seconds(60))));
  BOOST_TEST(c.parting ==
             "connected(c1) is beyond its bound from 60 s on; widest at 100 s: 1,000 and 900");
  BOOST_TEST(series(c, "established(c1)").within);
}

BOOST_AUTO_TEST_CASE(a_tiny_series_does_not_fail_by_its_ratio) {
  const auto five_or_seven = [](int last) {
    return [last](int i, Instant&, double& value) { value = i <= last ? 1 : 0; };
  };
  Changes five;
  five.connected = five_or_seven(5);
  Changes seven;
  seven.connected = five_or_seven(7);
  const MadeRun a(five);
  const MadeRun b(seven);
  const Comparison c = must(compare(a.reader(), b.reader(), {}, Bounds{}));
  BOOST_TEST(series(c, "connected(c1)").within);
  BOOST_TEST(series(c, "connected(c1)").gap == 2);
}

BOOST_AUTO_TEST_CASE(connections_that_end_in_another_way_are_counted_by_object_role_and_reason) {
  Changes changes;
  changes.connection = [](int i, telemetry::ConnectionRecord& record) {
    if (i % 10 == 0) record.reason = telemetry::Reason::reset_by_peer;
  };
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::different));
  BOOST_REQUIRE(c.outcomes.size() == 2u);
  BOOST_TEST(c.outcomes[0].reason == "closed_by_local");
  BOOST_TEST(c.outcomes[0].a == 1000u);
  BOOST_TEST(c.outcomes[0].b == 900u);
  BOOST_TEST(!c.outcomes[0].within);
  BOOST_TEST(c.outcomes[1].object == "c1");
  BOOST_TEST(c.outcomes[1].role == "client");
  BOOST_TEST(c.outcomes[1].reason == "reset_by_peer");
  BOOST_TEST(c.outcomes[1].a == 0u);
  BOOST_TEST(c.outcomes[1].b == 100u);
  BOOST_TEST(c.outcomes[1].bound == 20);  // 2 % of the client's connections
  BOOST_TEST(!c.outcomes[1].within);
}

BOOST_AUTO_TEST_CASE(packets_a_link_lost_are_bounded_as_the_measure_that_counts_them) {
  const auto agreement = [](int b, telemetry::Reason reason) {
    Changes changes;
    changes.drop_reason = reason;
    changes.drops = 500;
    const MadeRun run_a(changes);
    changes.drops = b;
    const MadeRun run_b(changes);
    return must(compare(run_a.reader(), run_b.reader(), {}, Bounds{})).agreement;
  };
  // By chance: 3 √(500 + 590) = 99.
  BOOST_TEST((agreement(590, telemetry::Reason::link_down) == Agreement::equivalent));
  BOOST_TEST((agreement(610, telemetry::Reason::link_down) == Agreement::different));
  BOOST_TEST((agreement(590, telemetry::Reason::no_source_port) == Agreement::different));
}

BOOST_AUTO_TEST_CASE(another_share_of_a_server_is_different) {
  Changes changes;
  changes.server = [](int i) { return i % 10 == 0 ? 1 : i % 2; };
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::different));
  BOOST_REQUIRE(c.decisions.size() == 2u);
  BOOST_TEST(c.decisions[0].server == "app/b1");
  BOOST_TEST(c.decisions[0].share_a == 0.5);
  BOOST_TEST(c.decisions[0].share_b == 0.4);
  BOOST_TEST(!c.decisions[0].within);
  BOOST_TEST(c.order.alike == 0u);
  BOOST_TEST(c.order.next_a == "app/b1");
  BOOST_TEST(c.order.next_b == "app/b2");
}

BOOST_AUTO_TEST_CASE(one_decision_out_of_order_is_told_with_its_place_and_judged_by_its_share) {
  Changes changes;
  changes.server = [](int i) { return i == 500 ? 1 : i % 2; };
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::equivalent));
  BOOST_TEST(c.order.alike == 500u);
}

BOOST_AUTO_TEST_CASE(close_figures_on_either_side_of_an_expectation_are_different) {
  Changes changes;
  changes.connected = [](int i, Instant&, double& value) { value += i == 1 ? -1 : 0; };
  BOOST_TEST((compared(changes, {total_connected(900)}).agreement == Agreement::equivalent));
  const Comparison c = compared(changes, {total_connected(1000)});
  BOOST_TEST((c.agreement == Agreement::different));
  BOOST_REQUIRE(c.expectations.size() == 1u);
  BOOST_TEST(c.expectations[0].a.holds);
  BOOST_TEST(!c.expectations[0].b.holds);
  BOOST_TEST(c.expectations[0].difference == -1);
  BOOST_TEST(c.expectations[0].bound == 50);
}

BOOST_AUTO_TEST_CASE(an_expectation_relative_to_another_run_is_compared_by_its_figure) {
  language::Expectation expectation = total_connected(2);
  expectation.relative_to = "remedy";
  Changes changes;
  changes.connected = [](int i, Instant&, double& value) { value += i == 1 ? -1 : 0; };
  const Comparison c = compared(changes, {expectation});
  BOOST_REQUIRE(c.expectations.size() == 1u);
  BOOST_TEST(!c.expectations[0].judged);
  BOOST_TEST(c.expectations[0].a.measured == 1000);
  BOOST_TEST(c.expectations[0].b.measured == 999);
  BOOST_TEST(c.expectations[0].within);
}

BOOST_AUTO_TEST_CASE(a_series_that_one_trace_lacks_is_different_when_something_happened_in_it) {
  Changes changes;
  changes.a_series_more = true;
  const Comparison c = compared(changes);
  BOOST_TEST((c.agreement == Agreement::different));
  BOOST_TEST(series(c, "failed(c1)").only_in == "b");
  BOOST_TEST(!series(c, "failed(c1)").within);
}

BOOST_AUTO_TEST_CASE(what_differs_in_how_the_runs_came_about_is_told) {
  Changes changes;
  changes.run = [](trace::RunMetadata& run) {
    run.run = "remedy";
    run.seed = 7;
    run.effective_yaml = "scenario: T-1\nrate: 11/s\n";
  };
  const Comparison c = compared(changes);
  BOOST_REQUIRE(c.notes.size() == 3u);
  BOOST_TEST(c.notes[0] == "two runs of the scenario: 'symptom' and 'remedy'");
  BOOST_TEST(c.notes[1] ==
             "the runs were set up differently, first in: 'rate: 10/s' and 'rate: 11/s'");
  BOOST_TEST(c.notes[2].find("two seeds, 1 and 7") == 0u);
}

BOOST_AUTO_TEST_CASE(traces_of_two_scenarios_and_incomplete_ones_are_not_compared) {
  Changes changes;
  changes.run = [](trace::RunMetadata& run) { run.scenario = "T-2"; };
  BOOST_TEST(message_of(try_to_compare(changes)).find("two scenarios, T-1 and T-2") !=
             std::string::npos);
  Changes incomplete;
  incomplete.complete = false;
  BOOST_TEST(message_of(try_to_compare(incomplete)).find("the second trace is incomplete") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(which_trace_comes_first_does_not_change_the_verdict) {
  Changes changes;
  changes.connected = [](int i, Instant&, double& value) { value += i % 3; };
  changes.connection = [](int i, telemetry::ConnectionRecord& record) {
    if (i % 7 == 0) record.reason = telemetry::Reason::timed_out;
  };
  const MadeRun a;
  const MadeRun b(changes);
  const Comparison there = must(compare(a.reader(), b.reader(), {}, Bounds{}));
  const Comparison back = must(compare(b.reader(), a.reader(), {}, Bounds{}));
  BOOST_TEST((there.agreement == back.agreement));
  BOOST_TEST(there.beyond_bounds() == back.beyond_bounds());
  for (std::size_t i = 0; i < there.series.size(); ++i) {
    BOOST_TEST(there.series[i].gap == back.series[i].gap);
    BOOST_TEST(there.series[i].bound == back.series[i].bound);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::comparison
