// What servers wrote down of their users, beside what the balancer wrote down of the connections
// that they came on.
#include <fmt/format.h>

#include "analysis/trace/metric_sql.hpp"

namespace elblab::trace::metric_sql {
namespace {

std::string events_of(std::string_view kind, std::string_view columns) {
  return fmt::format(R"sql(SELECT {}
  FROM events e JOIN event_classes c ON c.id = e.class JOIN event_kinds k ON k.id = c.kind
  JOIN reasons r ON r.id = c.reason WHERE k.name = '{}')sql",
                     columns, kind);
}

// Common table `requests`: those of users, as their servers read them.
std::string requests() {
  return "requests AS MATERIALIZED (\n  " +
         events_of("user_request",
                   "e.id, e.at_ns, e.source, e.destination, e.value AS user, c.object AS host,\n"
                   "    r.name AS result") +
         "\n)";
}

// `met`: each with the balancer's session that brought it, of which the latest of its endpoints is
// meant; `decided`: and with what the node said when it chose the server.
std::string decided() {
  return R"sql(sessions AS MATERIALIZED (
  SELECT n.source AS client, n.destination AS listener, n.translated_source AS source,
    k.translated_destination AS destination, n.opened_ns,
    n.opened_ns + n.closed_after_ns AS closed_ns, k.object AS node, k.peer AS server
  FROM connections n JOIN connection_classes k ON k.id = n.class JOIN roles o ON o.id = k.role
  WHERE o.name = 'session' AND EXISTS (SELECT 1 FROM requests)
), met AS MATERIALIZED (
  SELECT q.*, s.client, s.listener, s.node, s.server, max(s.opened_ns) AS opened_ns
  FROM requests q LEFT JOIN sessions s ON s.source = q.source AND s.destination = q.destination
    AND s.opened_ns <= q.at_ns AND s.closed_ns >= q.at_ns
  GROUP BY q.id
), decisions AS MATERIALIZED (
  )sql" + events_of("scheduler_decision", "e.at_ns, e.source, e.destination, r.name AS reason") +
         R"sql( AND EXISTS (SELECT 1 FROM requests)
), decided AS (
  SELECT m.*, d.reason AS decision FROM met m
  LEFT JOIN decisions d ON d.source = m.client AND d.destination = m.listener
    AND d.at_ns = m.opened_ns
))sql";
}

// `steps`: each beside the same user's request before it; `told`: and with what ended the binding
// of its client between the two.
std::string told() {
  return R"sql(steps AS MATERIALIZED (
  SELECT *, lag(server) OVER w AS server_before, lag(client) OVER w AS client_before,
    lag(node) OVER w AS node_before, lag(decision) OVER w AS decision_before,
    lag(opened_ns) OVER w AS opened_before_ns, lag(at_ns) OVER w AS before_ns
  FROM decided WINDOW w AS (PARTITION BY user ORDER BY at_ns, id)
), broken AS MATERIALIZED (
  )sql" +
         events_of("stickiness_broken",
                   "e.at_ns, e.source >> 16 AS address, e.destination AS listener,\n"
                   "    r.name AS reason") +
         R"sql(
), told AS (
  SELECT s.*, max(b.at_ns) AS broken_ns, b.reason AS broken FROM steps s
  LEFT JOIN broken b ON s.result = 'session_lost' AND b.address = s.client >> 16
    AND b.listener = s.listener AND b.at_ns > s.opened_before_ns AND b.at_ns <= s.opened_ns
  GROUP BY s.id
))sql";
}

// In the order of STK-24.
constexpr std::string_view kCause = R"sql(CASE
    WHEN t.result <> 'session_lost' OR t.decision IS NULL OR t.decision_before IS NULL THEN NULL
    WHEN 'none' IN (t.decision, t.decision_before) THEN 'stickiness_off'
    WHEN t.client >> 16 <> t.client_before >> 16 THEN 'address_change'
    WHEN t.broken = 'server_out' THEN 'bound_server_out'
    WHEN t.broken = 'stickiness_over' THEN 'stickiness_over'
    WHEN t.broken = 'stickiness_evicted' THEN 'stickiness_evicted'
    WHEN t.node <> t.node_before THEN 'node_change'
    WHEN t.decision = 'source_hash' AND t.decision_before = 'source_hash' THEN 'servers_changed'
  END)sql";

}  // namespace

std::string user_requests() {
  return fmt::format(R"sql(WITH {}, {}, {}
SELECT t.user, t.at_ns / 1e9 AS at_s, (t.at_ns - t.before_ns) / 1e9 AS since_s,
  h.name AS host, t.result,
  s.name AS server, sb.name AS server_before, a.address AS client, ab.address AS client_before,
  {} AS cause
FROM told t
LEFT JOIN objects h ON h.id = t.host
LEFT JOIN objects s ON s.id = t.server
LEFT JOIN objects sb ON sb.id = t.server_before
LEFT JOIN addresses a ON a.id = t.client >> 16
LEFT JOIN addresses ab ON ab.id = t.client_before >> 16
ORDER BY t.at_ns, t.id)sql",
                     requests(), decided(), told(), kCause);
}

std::string user_switches() {
  return fmt::format(R"sql(WITH {}
SELECT user, count(*) AS requests, count(*) FILTER (WHERE result = 'session_lost') AS lost,
  count(DISTINCT host) AS servers,
  count(*) FILTER (WHERE result = 'session_lost') * 1.0
    / nullif(count(*) FILTER (WHERE result <> 'session_begun'), 0) AS switch
FROM requests GROUP BY user ORDER BY user)sql",
                     requests());
}

std::string switch_causes() {
  return R"sql(SELECT cause, count(*) AS lost, count(DISTINCT user) AS users,
  count(*) * 1.0 / (SELECT count(*) FROM user_requests WHERE result <> 'session_begun') AS switch
FROM user_requests WHERE result = 'session_lost' GROUP BY cause ORDER BY lost DESC)sql";
}

}  // namespace elblab::trace::metric_sql
