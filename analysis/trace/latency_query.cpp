#include "analysis/trace/latency_query.hpp"

namespace elblab::trace {

bool read_latencies(const Database& database, std::string_view workload, Instant from, Instant to,
                    std::vector<LatencyBucket>& buckets) {
  Statement rows(database,
                 "SELECT b.low_ns, b.high_ns, sum(l.n) FROM latencies l"
                 " JOIN latency_buckets b ON b.bucket = l.bucket"
                 " WHERE l.at_ns >= ?1 AND l.at_ns < ?2 AND (?3 = '' OR l.object IN"
                 " (SELECT id FROM objects WHERE name = ?3 AND kind = ?4))"
                 " GROUP BY l.bucket ORDER BY l.bucket");
  if (!rows.ok()) return false;
  rows.bind(1, std::int64_t{from.time_since_epoch().count()});
  rows.bind(2, std::int64_t{to.time_since_epoch().count()});
  rows.bind(3, workload).bind(4, static_cast<std::int64_t>(ObjectKind::workload));
  Step step = rows.step();
  for (; step == Step::row; step = rows.step()) {
    buckets.push_back({Duration(rows.integer(0)), Duration(rows.integer(1)),
                       static_cast<std::uint64_t>(rows.integer(2))});
  }
  return step == Step::done;
}

}  // namespace elblab::trace
