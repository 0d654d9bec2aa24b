// Quantiles of response times, drops and requests, against the numbers they were made of.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <vector>

#include "analysis/metrics/metrics.hpp"
#include "models/random/stream.hpp"
#include "models/telemetry/latency_buckets.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::metrics::test {
namespace {

using telemetry::LatencyBuckets;

// Ten seconds of response times, every one of them known.
struct Responses {
  MadeTrace made;
  std::vector<std::vector<std::uint64_t>> by_second{10};

  Responses() {
    random::Stream random(11, "latency");
    const auto workload = made.object("burst", trace::ObjectKind::workload);
    for (std::size_t second = 0; second < 10; ++second) {
      std::map<std::uint32_t, std::uint64_t> buckets;
      for (int i = 0; i < 2'000; ++i) {
        const double mean = second < 5 ? 3e6 : 80e6;
        const auto ns = static_cast<std::uint64_t>(random.exponential(mean));
        by_second[second].push_back(ns);
        ++buckets[static_cast<std::uint32_t>(LatencyBuckets::bucket_of(ns))];
      }
      for (const auto& [bucket, n] : buckets) {
        made.writer().latency({workload, bucket, at(static_cast<double>(second) + 1), n});
      }
    }
  }

  // Those of the seconds [from, to), shortest first.
  std::vector<std::uint64_t> sorted(std::size_t from, std::size_t to) const {
    std::vector<std::uint64_t> all;
    for (std::size_t i = from; i < to; ++i) {
      all.insert(all.end(), by_second[i].begin(), by_second[i].end());
    }
    std::sort(all.begin(), all.end());
    return all;
  }
};

// The nearest-rank quantile, to the upper edge of its bucket.
std::int64_t edge(const std::vector<std::uint64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  const std::uint64_t exact = sorted[rank - 1];
  const std::uint64_t upper = LatencyBuckets::upper_edge(LatencyBuckets::bucket_of(exact));
  BOOST_TEST(upper >= exact);
  BOOST_TEST(static_cast<double>(upper) <= static_cast<double>(exact) * (1 + 1.0 / 16));
  return static_cast<std::int64_t>(upper);
}

void check(const std::vector<LatencyQuantiles>& found, const std::vector<std::uint64_t>& sorted) {
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].workload == "burst");
  BOOST_TEST(found[0].count == sorted.size());
  BOOST_TEST(found[0].p50.count() == edge(sorted, 0.5));
  BOOST_TEST(found[0].p90.count() == edge(sorted, 0.9));
  BOOST_TEST(found[0].p99.count() == edge(sorted, 0.99));
  BOOST_TEST(found[0].p999.count() == edge(sorted, 0.999));
  BOOST_TEST(found[0].max.count() == edge(sorted, 1));
}

BOOST_AUTO_TEST_SUITE(totals)

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_the_response_times_to_a_bucket) {
  Responses responses;
  check(latencies(responses.made.finish(10), kStart, kNever), responses.sorted(0, 10));
}

BOOST_AUTO_TEST_CASE(quantiles_of_a_phase_are_of_the_intervals_that_end_in_it) {
  Responses responses;
  const trace::Reader& trace = responses.made.finish(10);
  check(latencies(trace, kStart, at(5)), responses.sorted(0, 5));
  check(latencies(trace, at(5), at(10)), responses.sorted(5, 10));
  BOOST_TEST(latencies(trace, at(10), at(20)).empty());
}

// Events of every kind and reason; only drops count.
std::map<std::pair<std::string, std::string>, std::uint64_t> write_events(MadeTrace& made) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> dropped;
  random::Stream random(5, "drops");
  const std::array<telemetry::Reason, 3> reasons{telemetry::Reason::no_server,
                                                 telemetry::Reason::accept_queue_full,
                                                 telemetry::Reason::link_loss};
  for (int i = 0; i < 3'000; ++i) {
    const std::string object = "b" + std::to_string(random.below(3));
    telemetry::Event event;
    event.at = at(i * 0.01);
    event.object = made.object(object, trace::ObjectKind::host);
    event.kind =
        i % 3 == 0 ? telemetry::EventKind::connection_opened : telemetry::EventKind::packet_dropped;
    event.reason = reasons[random.below(3)];
    made.writer().record(event);
    if (i % 3 != 0) ++dropped[{object, std::string(telemetry::to_string(event.reason))}];
  }
  return dropped;
}

BOOST_AUTO_TEST_CASE(drops_are_counted_by_place_and_reason_also_when_the_run_was_cut_off) {
  for (const bool cut_off : {false, true}) {
    MadeTrace made;
    const auto expected = write_events(made);
    const auto found = drops(cut_off ? made.break_off() : made.finish(30));
    BOOST_REQUIRE_EQUAL(found.size(), expected.size());
    for (const auto& drop : found) {
      BOOST_TEST(drop.packets == expected.at({drop.object, drop.reason}));
    }
  }
}

BOOST_AUTO_TEST_CASE(requests_are_the_sums_of_their_counters) {
  MadeTrace made;
  for (int second = 1; second <= 100; ++second) {
    made.sample("requests", "burst", second, 10);
    made.sample("responses", "burst", second, 7);
    made.sample("request_failures", "burst", second, second % 2);
    made.sample("slow_responses", "burst", second, 2);
    made.sample("requests", "probe", second, 1);
  }
  const auto found = requests(made.finish(100));
  BOOST_REQUIRE_EQUAL(found.size(), 2U);
  BOOST_TEST(found[0].workload == "burst");
  BOOST_TEST(found[0].requests == 1'000U);
  BOOST_TEST(found[0].responses == 700U);
  BOOST_TEST(found[0].failures == 50U);
  BOOST_TEST(found[0].slow == 200U);
  BOOST_TEST(found[1].requests == 100U);
  BOOST_TEST(found[1].responses == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::metrics::test
