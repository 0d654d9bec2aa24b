// What happened when: gaps, how full things were, the service's own metrics by the minute.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "analysis/metrics/metrics.hpp"
#include "models/random/stream.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::metrics::test {
namespace {

namespace tt = boost::test_tools;

struct Second {
  double requests = 0;
  double responses = 0;
  double failures = 0;
};

// One sample a second, from 1 s on.
std::vector<Gap> gaps_of(const std::vector<Second>& seconds, bool cut_off = false) {
  MadeTrace made;
  double t = 0;
  for (const Second& second : seconds) {
    ++t;
    made.sample("requests", "burst", t, second.requests);
    made.sample("responses", "burst", t, second.responses);
    made.sample("request_failures", "burst", t, second.failures);
  }
  return gaps(cut_off ? made.break_off() : made.finish(t));
}

BOOST_AUTO_TEST_SUITE(gap)

BOOST_AUTO_TEST_CASE(seconds_without_an_answer_to_what_was_asked_are_a_gap) {
  const auto found = gaps_of({{9, 9, 0}, {9, 0, 0}, {9, 0, 9}, {9, 3, 0}, {9, 0, 0}, {9, 40, 0}});
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].workload == "burst");
  BOOST_TEST((found[0].from == at(1)));
  BOOST_TEST((found[0].to == at(3)));
}

BOOST_AUTO_TEST_CASE(silence_that_nobody_broke_is_none) {
  BOOST_TEST(gaps_of({{9, 9, 0}, {0, 0, 0}, {0, 0, 0}, {9, 9, 0}}).empty());
  BOOST_TEST(gaps_of({{9, 4, 5}, {0, 0, 0}, {9, 9, 0}}).empty());
  BOOST_TEST(gaps_of({}).empty());
}

BOOST_AUTO_TEST_CASE(a_request_that_still_waits_is_wanted) {
  const auto found = gaps_of({{9, 8, 0}, {0, 0, 0}, {0, 0, 0}, {0, 1, 0}, {0, 0, 0}});
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST((found[0].from == at(1)));
  BOOST_TEST((found[0].to == at(3)));
}

BOOST_AUTO_TEST_CASE(the_longest_of_several_counts_and_one_may_last_to_the_end) {
  const std::vector<Second> seconds{{9, 9, 0}, {9, 0, 0}, {9, 9, 0},
                                    {9, 0, 0}, {9, 0, 0}, {9, 0, 0}};
  for (const bool cut_off : {false, true}) {
    const auto found = gaps_of(seconds, cut_off);
    BOOST_REQUIRE_EQUAL(found.size(), 1U);
    BOOST_TEST((found[0].from == at(3)));
    BOOST_TEST((found[0].to == at(6)));
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_never_answers_is_one_gap_from_its_start) {
  const auto found = gaps_of({{9, 0, 0}, {9, 0, 9}});
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST((found[0].from == kStart));
  BOOST_TEST((found[0].to == at(2)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(occupancy)

BOOST_AUTO_TEST_CASE(a_level_is_held_against_its_bound_of_the_same_moment) {
  MadeTrace made;
  const double levels[] = {10, 50, 99, 100, 120, 40};
  const double bounds[] = {100, 100, 100, 100, 200, 40};
  for (int i = 0; i < 6; ++i) {
    made.sample("time_wait", "c1", i + 1, levels[i]);
    made.sample("local_ports", "c1", i + 1, bounds[i]);
  }
  const auto found = occupancies(made.finish(6));
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].measure == "time_wait(c1)");
  BOOST_TEST(found[0].capacity == "local_ports(c1)");
  BOOST_TEST(found[0].unit == "sockets");
  BOOST_TEST(found[0].peak == 120);
  BOOST_TEST((found[0].peak_at == at(5)));
  BOOST_TEST(found[0].limit == 200);
  BOOST_TEST(found[0].share == 1.0);
  // 99 and 100 of 100, and 40 of 40: a second each.
  BOOST_TEST(to_seconds(found[0].full) == 3.0, tt::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(percentages_are_bounded_by_a_hundred_and_the_fullest_comes_first) {
  MadeTrace made;
  for (int i = 1; i <= 4; ++i) {
    made.sample("cpu", "b1", i, 20 * i);
    made.sample("accept_queue", "b1", i, i);
    made.sample("accept_queue_limit", "b1", i, 5);
    made.sample("accept_queue", "c1", i, 0);
    made.sample("accept_queue_limit", "c1", i, 0);  // listens nowhere
    made.sample("established", "c1", i, 1000);      // bounded by nothing
  }
  const auto found = occupancies(made.finish(4));
  BOOST_REQUIRE_EQUAL(found.size(), 2U);
  BOOST_TEST(found[0].measure == "accept_queue(b1)");
  BOOST_TEST(found[0].share == 0.8);
  BOOST_TEST(found[1].capacity == "100 %");
  BOOST_TEST(found[1].peak == 80);
  BOOST_TEST(found[1].full.count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// Random samples of the balancer every second for 150 s, and what each minute comes to.
struct CloudRun {
  MadeTrace made;
  double levels[3] = {};
  double counts[3] = {};

  CloudRun() {
    random::Stream random(3, "cloud");
    for (int second = 1; second <= 150; ++second) {
      const double level = static_cast<double>(random.below(1'000));
      const double count = static_cast<double>(random.below(500));
      made.sample("m1_cps", "balancer", second, level);
      made.sample("m3_inact_conn", "balancer", second, 2 * level);
      made.sample("m4_ncps", "balancer", second, count);
      made.sample("m8_out_Bps", "balancer", second, 100 * count);
      const int minute = (second - 1) / 60;
      levels[minute] += level;
      counts[minute] += count;
    }
  }
};

BOOST_AUTO_TEST_SUITE(cloud)

BOOST_AUTO_TEST_CASE(levels_are_averaged_and_counts_are_rates) {
  CloudRun run;
  const auto minutes = cloud_metrics(run.made.finish(150));
  BOOST_REQUIRE_EQUAL(minutes.size(), 3U);
  const double seconds[] = {60, 60, 30};
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST((minutes[i].from == at(60.0 * static_cast<double>(i))));
    BOOST_TEST(*minutes[i].m1_cps == run.levels[i] / seconds[i], tt::tolerance(1e-9));
    BOOST_TEST(*minutes[i].m3_inact_conn == 2 * run.levels[i] / seconds[i], tt::tolerance(1e-9));
    BOOST_TEST(*minutes[i].m4_ncps == run.counts[i] / seconds[i], tt::tolerance(1e-9));
    BOOST_TEST(*minutes[i].m8_out_Bps == 100 * run.counts[i] / seconds[i], tt::tolerance(1e-9));
    BOOST_TEST(!minutes[i].m2_act_conn);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_counts_for_the_time_since_the_one_before) {
  MadeTrace made;
  made.sample("m1_cps", "balancer", 10, 100);
  made.sample("m1_cps", "balancer", 60, 40);
  made.sample("m4_ncps", "balancer", 10, 600);
  made.sample("m4_ncps", "balancer", 60, NAN);  // nothing was measured
  const auto minutes = cloud_metrics(made.finish(60));
  BOOST_REQUIRE_EQUAL(minutes.size(), 1U);
  BOOST_TEST(*minutes[0].m1_cps == (100 * 10 + 40 * 50) / 60.0, tt::tolerance(1e-9));
  BOOST_TEST(*minutes[0].m4_ncps == 60.0, tt::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(an_empty_trace_has_no_minute_and_nothing_else) {
  MadeTrace made;
  const trace::Reader& trace = made.finish(0);
  BOOST_TEST(cloud_metrics(trace).empty());
  BOOST_TEST(server_shares(trace).empty());
  BOOST_TEST(imbalances(trace).empty());
  BOOST_TEST(traffic_matrix(trace, 10).empty());
  BOOST_TEST(gaps(trace).empty());
  BOOST_TEST(occupancies(trace).empty());
  BOOST_TEST(latencies(trace, kStart, kNever).empty());
  BOOST_TEST(drops(trace).empty());
  BOOST_TEST(requests(trace).empty());
  BOOST_TEST(!trace.problem().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::metrics::test
