// The multi-resolution tables against a full recomputation from the samples.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>

#include "analysis/trace/database.hpp"
#include "analysis/trace/schema.hpp"
#include "models/random/stream.hpp"
#include "tests/must.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

struct Row {
  std::int64_t first_at, last_at, n;
  double min, max, sum, first, last;
};

// Bucket b of a level is samples [b·4^level, (b+1)·4^level): nothing of the code under test.
Row recompute(const std::vector<Point>& samples, std::size_t level, std::size_t bucket) {
  const std::size_t size = std::size_t{1} << (2 * level);
  const std::size_t begin = bucket * size;
  const std::size_t end = std::min(begin + size, samples.size());
  Row row{samples[begin].at.time_since_epoch().count(),
          samples[end - 1].at.time_since_epoch().count(),
          static_cast<std::int64_t>(end - begin),
          samples[begin].value,
          samples[begin].value,
          0,
          samples[begin].value,
          samples[end - 1].value};
  for (std::size_t i = begin; i < end; ++i) {
    row.min = std::min(row.min, samples[i].value);
    row.max = std::max(row.max, samples[i].value);
    row.sum += samples[i].value;
  }
  return row;
}

// Irregular times, values of both signs; whole numbers, so that sums are exact in any order.
std::vector<Point> random_samples(std::size_t count, std::uint64_t seed) {
  std::vector<Point> samples;
  random::Stream stream(seed, "levels");
  Instant at = kStart;
  for (std::size_t i = 0; i < count; ++i) {
    at += Duration(1 + static_cast<std::int64_t>(stream.below(2'000'000'000)));
    samples.push_back({at, static_cast<double>(stream.below(2'000'001)) - 1'000'000});
  }
  return samples;
}

void check_levels(const std::filesystem::path& path, telemetry::SeriesId series,
                  const std::vector<Point>& samples) {
  const Database database = must(Database::open(path, SQLITE_OPEN_READONLY));
  Statement rows(database,
                 "SELECT level, bucket, first_at_ns, last_at_ns, n, min, max, sum, first, last "
                 "FROM sample_levels WHERE series = ? ORDER BY level, bucket");
  rows.bind(1, std::int64_t{series});
  std::map<std::int64_t, std::int64_t> buckets;
  while (rows.step() == Step::row) {
    const std::int64_t level = rows.integer(0);
    BOOST_REQUIRE_EQUAL(rows.integer(1), buckets[level]++);  // none missing, none twice
    const Row expected = recompute(samples, static_cast<std::size_t>(level),
                                   static_cast<std::size_t>(rows.integer(1)));
    BOOST_REQUIRE_EQUAL(rows.integer(2), expected.first_at);
    BOOST_REQUIRE_EQUAL(rows.integer(3), expected.last_at);
    BOOST_REQUIRE_EQUAL(rows.integer(4), expected.n);
    BOOST_REQUIRE_EQUAL(rows.real(5), expected.min);
    BOOST_REQUIRE_EQUAL(rows.real(6), expected.max);
    BOOST_REQUIRE_EQUAL(rows.real(7), expected.sum);
    BOOST_REQUIRE_EQUAL(rows.real(8), expected.first);
    BOOST_REQUIRE_EQUAL(rows.real(9), expected.last);
  }
  // Every level covers all samples, up to one that has at most a few buckets.
  for (const auto& [level, count] : buckets) {
    const double size = std::pow(kLevelFactor, level);
    BOOST_REQUIRE_EQUAL(
        count, static_cast<std::int64_t>(std::ceil(static_cast<double>(samples.size()) / size)));
  }
  BOOST_REQUIRE(samples.empty() || buckets.rbegin()->second <= std::int64_t{kLevelFactor});
}

std::vector<Bucket> recompute_buckets(const std::vector<Point>& samples,
                                      std::vector<Bucket> columns) {
  for (Bucket& c : columns) {
    c.count = 0;
    c.sum = 0;
    for (const Point& p : samples) {
      if (p.at < c.from || p.at >= c.to) continue;
      if (c.count++ == 0) c.first = c.min = c.max = p.value;
      c.min = std::min(c.min, p.value);
      c.max = std::max(c.max, p.value);
      c.last = p.value;
      c.sum += p.value;
    }
  }
  return columns;
}

BOOST_AUTO_TEST_SUITE(levels)

BOOST_AUTO_TEST_CASE(levels_equal_a_recomputation_from_the_samples) {
  const TemporaryFolder folder;
  const std::vector<std::size_t> sizes{0, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000, 4096, 5001};
  std::vector<std::vector<Point>> all;
  for (std::size_t i = 0; i < sizes.size(); ++i) all.push_back(random_samples(sizes[i], i));
  write_trace(folder / "t.db", [&](Writer& writer) {
    for (std::size_t s = 0; s < all.size(); ++s) {
      writer.add_series("s" + std::to_string(s), 0, "x", SeriesKind::gauge);
    }
    // Series interleave, as they do in a run.
    for (std::size_t i = 0; i < 5001; ++i) {
      for (std::size_t s = 0; s < all.size(); ++s) {
        if (i >= all[s].size()) continue;
        writer.sample(static_cast<telemetry::SeriesId>(s + 1), all[s][i].at, all[s][i].value);
      }
    }
  });
  for (std::size_t s = 0; s < all.size(); ++s) {
    check_levels(folder / "t.db", static_cast<telemetry::SeriesId>(s + 1), all[s]);
  }
}

BOOST_AUTO_TEST_CASE(a_curve_of_few_samples_is_exact) {
  const TemporaryFolder folder;
  const auto samples = random_samples(2'000, 7);
  write_trace(folder / "t.db", [&](Writer& writer) {
    writer.add_series("s", 0, "x", SeriesKind::gauge);
    for (const Point& p : samples) writer.sample(1, p.at, p.value);
    // The end of the run is given by finish(): 300 s.
  });
  const auto reader = open_reader(folder / "t.db");
  for (const std::size_t columns : {4, 7, 32, 61, 100}) {
    const auto curve = reader->buckets(1, at_seconds(10), at_seconds(250), columns);
    BOOST_REQUIRE_EQUAL(curve.size(), columns);
    const auto expected = recompute_buckets(samples, curve);
    for (std::size_t i = 0; i < columns; ++i) {
      BOOST_TEST(curve[i].count == expected[i].count);
      BOOST_TEST(curve[i].sum == expected[i].sum);
      if (curve[i].count == 0) continue;
      BOOST_TEST(curve[i].first == expected[i].first);
      BOOST_TEST(curve[i].min == expected[i].min);
      BOOST_TEST(curve[i].max == expected[i].max);
      BOOST_TEST(curve[i].last == expected[i].last);
    }
    BOOST_TEST((curve.front().from == at_seconds(10)));
    BOOST_TEST((curve.back().to == at_seconds(250)));
    for (std::size_t i = 1; i < columns; ++i) BOOST_TEST((curve[i].from == curve[i - 1].to));
  }
}

BOOST_AUTO_TEST_CASE(a_curve_of_many_samples_holds_each_of_them_once) {
  const TemporaryFolder folder;
  constexpr int kSamples = 200'000;
  write_trace(folder / "t.db", [&](Writer& writer) {
    writer.add_series("s", 0, "x", SeriesKind::counter);
    for (int i = 0; i < kSamples; ++i) writer.sample(1, Instant(Duration(1'000'000) * i), i % 10);
  });
  const auto reader = open_reader(folder / "t.db");
  const auto curve = reader->buckets(1, Instant(Duration(12'345'678)), kNever, 50);
  BOOST_REQUIRE_EQUAL(curve.size(), 50U);
  std::uint64_t count = 0;
  double sum = 0;
  for (const Bucket& bucket : curve) {
    count += bucket.count;
    sum += bucket.sum;
  }
  // The first 13 samples, at 0 … 12 ms, lie before the range: 0+…+9+0+1+2 = 48.
  BOOST_TEST(count == static_cast<std::uint64_t>(kSamples - 13));
  BOOST_TEST(sum == 4.5 * kSamples - 48);
  // 300 s are cut into 50 columns of 6 s; the samples end after 200 s. Each row of the level read
  // is at most a sixteenth of a column.
  for (std::size_t i = 1; i + 1 < 33; ++i) {
    BOOST_TEST(std::abs(static_cast<double>(curve[i].count) - 6'000) <= 2 * 6'000 / 16.0);
    BOOST_TEST(curve[i].min == 0);
    BOOST_TEST(curve[i].max == 9);
  }
  BOOST_TEST(curve[40].count == 0U);
}

BOOST_AUTO_TEST_CASE(a_swift_curve_loses_no_sample_and_no_extreme) {
  const TemporaryFolder folder;
  auto samples = random_samples(50'000, 11);
  // Within the run, which ends after 300 s.
  for (Point& p : samples) p.at = kStart + (p.at - kStart) / 250;
  BOOST_REQUIRE(samples.back().at < at_seconds(300));
  write_trace(folder / "t.db", [&](Writer& writer) {
    writer.add_series("s", 0, "x", SeriesKind::gauge);
    for (const Point& p : samples) writer.sample(1, p.at, p.value);
  });
  const auto reader = open_reader(folder / "t.db");
  for (const std::size_t columns : {100U, 1'000U, 3'000U, 20'000U}) {
    std::uint64_t count = 0;
    double low = samples.front().value;
    double high = low;
    for (const Bucket& bucket : reader->buckets(1, kStart, kNever, columns, kSwift)) {
      if (bucket.count == 0) continue;
      count += bucket.count;
      low = std::min(low, bucket.min);
      high = std::max(high, bucket.max);
    }
    const auto by_value = [](const Point& a, const Point& b) { return a.value < b.value; };
    BOOST_TEST(count == samples.size());
    BOOST_TEST(low == std::min_element(samples.begin(), samples.end(), by_value)->value);
    BOOST_TEST(high == std::max_element(samples.begin(), samples.end(), by_value)->value);
  }
}

BOOST_AUTO_TEST_CASE(a_curve_without_columns_or_range_is_empty) {
  const TemporaryFolder folder;
  write_small_trace(folder / "t.db");
  const auto reader = open_reader(folder / "t.db");
  BOOST_TEST(reader->buckets(1, kStart, kNever, 0).empty());
  BOOST_TEST(reader->buckets(1, at_seconds(5), at_seconds(5), 10).empty());
  BOOST_TEST(reader->buckets(99, kStart, kNever, 10).size() == 10U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
