#include "analysis/trace/series_query.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "analysis/trace/instant_cell.hpp"
#include "analysis/trace/resolution.hpp"

namespace elblab::trace {
namespace {

// [from, to) cut into columns of equal length.
class ColumnBuckets {
 public:
  ColumnBuckets(Instant from, Instant to, std::size_t count, std::vector<Bucket>& buckets)
      : from_(from), length_(to - from), buckets_(buckets) {
    for (std::size_t i = 0; i < count; ++i) {
      Bucket bucket;
      bucket.from = border(i, count);
      bucket.to = border(i + 1, count);
      buckets_.push_back(bucket);
    }
  }

  void add(const Summary& summary) {
    Bucket& bucket = buckets_[column_of(summary.first_at)];
    if (bucket.count == 0) {
      bucket.first = summary.first;
      bucket.min = summary.min;
      bucket.max = summary.max;
    }
    bucket.count += summary.n;
    bucket.min = std::min(bucket.min, summary.min);
    bucket.max = std::max(bucket.max, summary.max);
    bucket.last = summary.last;
    bucket.sum += summary.sum;
  }

 private:
  __extension__ using Wide = __int128;  // nanoseconds of a long run, times columns

  Instant border(std::size_t i, std::size_t count) const {
    return from_ + Duration(static_cast<std::int64_t>(Wide{length_.count()} * static_cast<Wide>(i) /
                                                      static_cast<Wide>(count)));
  }
  std::size_t column_of(Instant at) const {
    const Wide estimate =
        Wide{(at - from_).count()} * static_cast<Wide>(buckets_.size()) / length_.count();
    auto column = std::min(static_cast<std::size_t>(estimate), buckets_.size() - 1);
    // Borders are rounded down, so the estimate can be one too low.
    if (column + 1 < buckets_.size() && at >= buckets_[column].to) ++column;
    return column;
  }

  Instant from_;
  Duration length_;
  std::vector<Bucket>& buckets_;
};

class SeriesQuery {
 public:
  SeriesQuery(const Database& database, telemetry::SeriesId series)
      : database_(database), series_(series) {}

  bool ok() const { return ok_; }

  // Calls take(at, value) for the samples with from <= at < to.
  template <class Take>
  void samples(std::int64_t from, std::int64_t to, Take take) {
    Statement rows(database_,
                   "SELECT at_ns, value FROM samples WHERE series = ? AND at_ns >= ? AND at_ns < ?"
                   " AND value IS NOT NULL ORDER BY at_ns, rowid");
    rows.bind(1, std::int64_t{series_}).bind(2, from).bind(3, to);
    each(rows, [&] { take(to_instant(rows.integer(0)), rows.real(1)); });
  }

  // Calls take(summary) for the buckets of a level that begin in [from, to).
  template <class Take>
  void level(std::int64_t level, std::int64_t from, std::int64_t to, Take take) {
    Statement rows(database_,
                   "SELECT first_at_ns, last_at_ns, n, min, max, sum, first, last"
                   " FROM sample_levels WHERE series = ? AND level = ? AND first_at_ns >= ?"
                   " AND first_at_ns < ? ORDER BY first_at_ns, bucket");
    rows.bind(1, std::int64_t{series_}).bind(2, level).bind(3, from).bind(4, to);
    each(rows, [&] {
      Summary s;
      s.first_at = to_instant(rows.integer(0));
      s.last_at = to_instant(rows.integer(1));
      s.n = static_cast<std::uint64_t>(rows.integer(2));
      s.min = rows.real(3);
      s.max = rows.real(4);
      s.sum = rows.real(5);
      s.first = rows.real(6);
      s.last = rows.real(7);
      take(s);
    });
  }

  // The coarsest level that has `rows` buckets beginning in [from, to); 0 when none has.
  std::int64_t coarsest_level(std::int64_t from, std::int64_t to, std::int64_t rows) {
    for (std::int64_t level = top_level(); level > 0; --level) {
      const auto first = edge_bucket(level, from, to, "ASC");
      const auto last = edge_bucket(level, from, to, "DESC");
      if (first && last && *last - *first + 1 >= rows) return level;
    }
    return 0;
  }

  // Whether level 0 has more than `limit` samples in [from, to).
  bool has_more_than(std::int64_t limit, std::int64_t from, std::int64_t to) {
    Statement rows(database_,
                   "SELECT 1 FROM samples WHERE series = ? AND at_ns >= ? AND at_ns < ?"
                   " LIMIT 1 OFFSET ?");
    rows.bind(1, std::int64_t{series_}).bind(2, from).bind(3, to).bind(4, limit);
    const Step step = rows.step();
    ok_ = ok_ && step != Step::error;
    return step == Step::row;
  }

 private:
  template <class Take>
  void each(Statement& rows, Take take) {
    Step step = rows.step();
    for (; step == Step::row; step = rows.step()) take();
    ok_ = ok_ && step == Step::done;
  }

  std::int64_t top_level() {
    Statement row(database_, "SELECT ifnull(max(level), 0) FROM sample_levels WHERE series = ?");
    const bool found = row.bind(1, std::int64_t{series_}).step() == Step::row;
    ok_ = ok_ && found;
    return found ? row.integer(0) : 0;
  }

  std::optional<std::int64_t> edge_bucket(std::int64_t level, std::int64_t from, std::int64_t to,
                                          const char* order) {
    Statement row(database_, std::string("SELECT bucket FROM sample_levels WHERE series = ? AND"
                                         " level = ? AND first_at_ns >= ? AND first_at_ns < ?"
                                         " ORDER BY first_at_ns ") +
                                 order + " LIMIT 1");
    row.bind(1, std::int64_t{series_}).bind(2, level).bind(3, from).bind(4, to);
    const Step step = row.step();
    ok_ = ok_ && step != Step::error;
    if (step != Step::row) return std::nullopt;
    return row.integer(0);
  }

  const Database& database_;
  telemetry::SeriesId series_;
  bool ok_ = true;
};

}  // namespace

bool read_samples(const Database& database, telemetry::SeriesId series, Instant from, Instant to,
                  std::vector<Point>& samples) {
  SeriesQuery query(database, series);
  query.samples(to_ns(from), to_ns(to), [&](Instant at, double value) {
    samples.push_back({at, value});
  });
  return query.ok();
}

bool read_buckets(const Database& database, telemetry::SeriesId series, Instant from, Instant to,
                  std::size_t columns, CurveDetail detail, std::vector<Bucket>& buckets) {
  if (columns == 0 || from >= to) return true;
  ColumnBuckets curve(from, to, columns, buckets);
  SeriesQuery query(database, series);
  const auto count = static_cast<std::int64_t>(columns);
  const std::int64_t end = to_ns(to);
  std::int64_t exact_from = to_ns(from);
  if (query.has_more_than(count * static_cast<std::int64_t>(detail.exact), exact_from, end)) {
    const std::int64_t level =
        query.coarsest_level(exact_from, end, count * static_cast<std::int64_t>(detail.rows));
    if (level > 0) {
      const std::int64_t level_from = exact_from;
      query.level(level, level_from, end, [&](const Summary& summary) {
        // What precedes the first whole bucket, and what follows the last, comes from the samples.
        if (exact_from == level_from) {
          query.samples(level_from, to_ns(summary.first_at),
                        [&](Instant at, double v) { curve.add(Summary::of(at, v)); });
        }
        curve.add(summary);
        exact_from = to_ns(summary.last_at) + 1;
      });
    }
  }
  query.samples(exact_from, end, [&](Instant at, double v) { curve.add(Summary::of(at, v)); });
  return query.ok();
}

}  // namespace elblab::trace
