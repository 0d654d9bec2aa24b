#include "analysis/trace/metric_sql.hpp"

#include <fmt/format.h>

#include "models/telemetry/measures.hpp"

namespace elblab::trace::metric_sql {
namespace {

// The objects of one kind.
std::string objects_of(std::string_view kind) {
  return fmt::format(
      "SELECT o.id, o.name FROM objects o JOIN object_kinds k ON k.id = o.kind WHERE k.name = '{}'",
      kind);
}

// "('time_wait', 'local_ports'), …": gauges with what bounds them.
std::string capacity_rows() {
  std::string rows;
  for (const auto& measure : telemetry::measures()) {
    if (measure.capacity.empty()) continue;
    if (!rows.empty()) rows += ", ";
    rows += fmt::format("('{}', '{}')", measure.name, measure.capacity);
  }
  return rows;
}

// Common table `bounded`: the series of levels, each with the series that bounds it; what is in
// percent is bounded by 100.
std::string bounded() {
  return fmt::format(R"sql(pairs(level, bound) AS (VALUES {}), bounded AS (
  SELECT s.id, l.id AS limit_id, s.unit, s.name || '(' || o.name || ')' AS measure,
    l.name || '(' || o.name || ')' AS capacity
  FROM pairs b JOIN series s ON s.name = b.level
  JOIN series l ON l.name = b.bound AND l.object = s.object JOIN objects o ON o.id = s.object
  UNION ALL
  SELECT s.id, NULL, s.unit, s.name || '(' || o.name || ')', '100 %'
  FROM series s JOIN series_kinds k ON k.id = s.kind JOIN objects o ON o.id = s.object
  WHERE s.unit = '%' AND k.name = 'gauge'
))sql",
                     capacity_rows());
}

constexpr std::string_view kBoundedSamples =
    "FROM bounded b JOIN samples p ON p.series = b.id\n"
    "  LEFT JOIN samples q ON q.series = b.limit_id AND q.at_ns = p.at_ns";

// The smallest response time that at least a share `q` of the responses did not exceed, to the
// upper edge of its bucket: the first bucket up to which so many were counted.
std::string quantile(std::string_view q) {
  return fmt::format("min(high_ns) FILTER (WHERE up_to >= {} * n) / 1e6", q);
}

std::string quantiles(std::string_view condition) {
  return fmt::format(R"sql(WITH counted AS (
  SELECT object, bucket, sum(n) AS n FROM latencies {} GROUP BY object, bucket
), cumulated AS (
  SELECT object, bucket,
    sum(n) OVER (PARTITION BY object ORDER BY bucket) AS up_to,
    sum(n) OVER (PARTITION BY object) AS n
  FROM counted
)
SELECT o.name AS workload, max(c.n) AS responses,
  {} AS p50_ms, {} AS p90_ms, {} AS p99_ms, {} AS p999_ms, max(b.high_ns) / 1e6 AS max_ms
FROM cumulated c
JOIN latency_buckets b ON b.bucket = c.bucket
JOIN objects o ON o.id = c.object
GROUP BY c.object ORDER BY c.object)sql",
                     condition, quantile("0.5"), quantile("0.9"), quantile("0.99"),
                     quantile("0.999"));
}

}  // namespace

std::string server_shares() {
  // `moments`: per server and sample, what was scheduled, its weight, and both over its group.
  // `served` and `traffic` are counted per host and per server; sums of nothing are NULL.
  return fmt::format(R"sql(WITH members AS (
  SELECT id, name AS server, substr(name, 1, instr(name, '/') - 1) AS server_group,
    substr(name, instr(name, '/') + 1) AS host
  FROM ({servers})
), sampled AS (
  SELECT m.id, m.server_group, p.at_ns,
    max(p.value) FILTER (WHERE s.name = 'scheduled') AS scheduled,
    max(p.value) FILTER (WHERE s.name = 'weight') AS weight
  FROM members m
  JOIN series s ON s.object = m.id AND s.name IN ('scheduled', 'weight')
  JOIN samples p ON p.series = s.id
  GROUP BY m.id, p.at_ns
), moments AS (
  SELECT id, scheduled, sum(scheduled) OVER w AS of_group, weight / nullif(sum(weight) OVER w, 0) AS due
  FROM sampled WINDOW w AS (PARTITION BY server_group, at_ns)
), scheduled AS (
  SELECT id, sum(scheduled) AS connections,
    sum(of_group * due) / nullif(sum(of_group) FILTER (WHERE due IS NOT NULL), 0) AS expected_share
  FROM moments GROUP BY id
), served AS (
  SELECT o.name AS host, sum(p.value) AS requests
  FROM ({hosts}) o JOIN series s ON s.object = o.id AND s.name = 'served'
  JOIN samples p ON p.series = s.id GROUP BY o.id
), carried AS (
  SELECT server, sum(bytes_sent + bytes_received) AS bytes FROM traffic GROUP BY server
)
SELECT m.server_group, m.server,
  CAST(ifnull(c.connections, 0) AS INTEGER) AS connections,
  CAST(r.requests AS INTEGER) AS requests,
  CASE WHEN (SELECT complete FROM run) THEN ifnull(t.bytes, 0) END AS bytes,
  c.connections / nullif(sum(c.connections) OVER g, 0) AS connection_share,
  r.requests / nullif(sum(r.requests) OVER g, 0) AS request_share,
  CASE WHEN (SELECT complete FROM run)
    THEN 1.0 * ifnull(t.bytes, 0) / nullif(sum(t.bytes) OVER g, 0) END AS byte_share,
  c.expected_share
FROM members m
LEFT JOIN scheduled c ON c.id = m.id
LEFT JOIN served r ON r.host = m.host
LEFT JOIN carried t ON t.server = m.id
WINDOW g AS (PARTITION BY m.server_group)
ORDER BY m.id)sql",
                     fmt::arg("servers", objects_of("server")),
                     fmt::arg("hosts", objects_of("host")));
}

std::string imbalances() {
  return R"sql(SELECT server_group,
  max(connection_share / nullif(expected_share, 0)) AS connections,
  max(request_share / nullif(expected_share, 0)) AS requests
FROM server_shares GROUP BY server_group)sql";
}

std::string traffic_matrix() {
  return R"sql(SELECT ifnull(a.address, 'others') AS client, o.name AS server, t.connections, t.failed,
  t.bytes_sent + t.bytes_received AS bytes
FROM traffic t
LEFT JOIN addresses a ON a.id = t.client
LEFT JOIN objects o ON o.id = t.server)sql";
}

std::string gaps() {
  // A sample interval is silent when nothing was answered in it although something was asked, or
  // was still waiting for an answer. Intervals that follow each other have the same number of
  // intervals that are not silent before them: they are one gap.
  return fmt::format(R"sql(WITH sampled AS (
  SELECT o.id, o.name, p.at_ns,
    max(p.value) FILTER (WHERE s.name = 'requests') AS requests,
    max(p.value) FILTER (WHERE s.name = 'responses') AS responses,
    max(p.value) FILTER (WHERE s.name = 'request_failures') AS failures
  FROM ({}) o
  JOIN series s ON s.object = o.id AND s.name IN ('requests', 'responses', 'request_failures')
  JOIN samples p ON p.series = s.id
  GROUP BY o.id, p.at_ns
), intervals AS (
  SELECT id, name, at_ns, lag(at_ns, 1, 0) OVER w AS from_ns,
    responses = 0 AND (requests > 0 OR
      total(requests - responses - ifnull(failures, 0)) OVER (w ROWS UNBOUNDED PRECEDING) > 0) AS silent
  FROM sampled WINDOW w AS (PARTITION BY id ORDER BY at_ns)
), numbered AS (
  SELECT *, total(NOT silent) OVER (PARTITION BY id ORDER BY at_ns) AS gap FROM intervals
)
SELECT name AS workload, min(from_ns) / 1e9 AS from_s, max(at_ns) / 1e9 AS to_s,
  (max(at_ns) - min(from_ns)) / 1e9 AS seconds
FROM numbered WHERE silent GROUP BY id, gap ORDER BY id, min(from_ns))sql",
                     objects_of("workload"));
}

std::string occupancy_samples() {
  return fmt::format(R"sql(WITH {bounded}
SELECT b.measure, b.capacity, b.unit, p.at_ns / 1e9 AS at_s, p.value AS level,
  CASE WHEN b.limit_id IS NULL THEN 100.0 ELSE q.value END AS capacity_level,
  p.value / CASE WHEN b.limit_id IS NULL THEN 100.0 ELSE nullif(q.value, 0) END AS share
{samples})sql",
                     fmt::arg("bounded", bounded()), fmt::arg("samples", kBoundedSamples));
}

std::string occupancies() {
  // Names are joined last: a million comparisons of numbers take a tenth of those of texts.
  return fmt::format(R"sql(WITH {bounded}, levels AS MATERIALIZED (
  SELECT b.id, p.at_ns, p.value AS level,
    CASE WHEN b.limit_id IS NULL THEN 100.0 ELSE q.value END AS bound,
    p.at_ns - lag(p.at_ns, 1, 0) OVER (PARTITION BY b.id ORDER BY p.at_ns) AS length
  {samples}
), sums AS (
  SELECT id, max(level) AS peak, max(level / nullif(bound, 0)) AS share,
    total(length) FILTER (WHERE level >= 0.99 * nullif(bound, 0)) / 1e9 AS full_s
  FROM levels GROUP BY id
), peaks AS (
  SELECT l.id, min(l.at_ns) AS at_ns, l.bound
  FROM levels l JOIN sums s ON s.id = l.id AND l.level = s.peak GROUP BY l.id
)
SELECT b.measure, b.capacity, b.unit, s.peak, k.at_ns / 1e9 AS peak_at_s,
  k.bound AS capacity_level, s.share, s.full_s
FROM bounded b JOIN sums s ON s.id = b.id JOIN peaks k ON k.id = b.id
WHERE s.share IS NOT NULL ORDER BY b.measure)sql",
                     fmt::arg("bounded", bounded()), fmt::arg("samples", kBoundedSamples));
}

std::string latency_quantiles() { return quantiles(""); }
std::string latency_quantiles_between(std::int64_t from_ns, std::int64_t to_ns) {
  return quantiles(fmt::format("WHERE at_ns > {} AND at_ns <= {}", from_ns, to_ns));
}

std::string drops() {
  // Until the run is over, nobody has counted: the events themselves are.
  return R"sql(WITH counted AS (
  SELECT c.object, c.reason, c.n FROM event_counts c
  JOIN event_kinds k ON k.id = c.kind WHERE k.name = 'packet_dropped'
  UNION ALL
  SELECT c.object, c.reason, e.n
  FROM (SELECT class, count(*) AS n FROM events WHERE (SELECT complete FROM run) = 0 GROUP BY class) e
  JOIN event_classes c ON c.id = e.class
  JOIN event_kinds k ON k.id = c.kind WHERE k.name = 'packet_dropped'
)
SELECT o.name AS object, r.name AS reason, sum(n) AS packets
FROM counted c
LEFT JOIN objects o ON o.id = c.object
LEFT JOIN reasons r ON r.id = c.reason
GROUP BY c.object, c.reason ORDER BY packets DESC, c.object, c.reason)sql";
}

std::string request_totals() {
  return fmt::format(R"sql(SELECT o.name AS workload,
  CAST(total(p.value) FILTER (WHERE s.name = 'requests') AS INTEGER) AS requests,
  CAST(total(p.value) FILTER (WHERE s.name = 'responses') AS INTEGER) AS responses,
  CAST(total(p.value) FILTER (WHERE s.name = 'request_failures') AS INTEGER) AS failures,
  CAST(total(p.value) FILTER (WHERE s.name = 'slow_responses') AS INTEGER) AS slow
FROM ({}) o
JOIN series s ON s.object = o.id
  AND s.name IN ('requests', 'responses', 'request_failures', 'slow_responses')
JOIN samples p ON p.series = s.id
GROUP BY o.id ORDER BY o.id)sql",
                     objects_of("workload"));
}

std::string cloud_metrics() {
  const auto level = [](std::string_view name) {
    return fmt::format(
        "sum(value * length) FILTER (WHERE name = '{0}')"
        " / nullif(sum(length) FILTER (WHERE name = '{0}' AND value IS NOT NULL), 0) AS {0}",
        name);
  };
  const auto count = [](std::string_view name) {
    return fmt::format(
        "sum(value) FILTER (WHERE name = '{0}')"
        " * 1e9 / nullif(sum(length) FILTER (WHERE name = '{0}' AND value IS NOT NULL), 0) AS {0}",
        name);
  };
  return fmt::format(R"sql(WITH sampled AS (
  SELECT s.name, p.at_ns, p.value,
    p.at_ns - lag(p.at_ns, 1, 0) OVER (PARTITION BY s.id ORDER BY p.at_ns) AS length
  FROM ({}) o
  JOIN series s ON s.object = o.id AND s.name GLOB 'm[1-8]_*'
  JOIN samples p ON p.series = s.id
)
SELECT 60 * ((at_ns - 1) / 60000000000) AS from_s,
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {}
FROM sampled GROUP BY (at_ns - 1) / 60000000000 ORDER BY from_s)sql",
                     objects_of("balancer"), level("m1_cps"), level("m2_act_conn"),
                     level("m3_inact_conn"), count("m4_ncps"), count("m5_in_pps"),
                     count("m6_out_pps"), count("m7_in_Bps"), count("m8_out_Bps"));
}

}  // namespace elblab::trace::metric_sql
