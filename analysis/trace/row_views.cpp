#include "analysis/trace/row_views.hpp"

#include <fmt/format.h>

#include <string_view>

namespace elblab::trace {
namespace {

// "10.0.0.1:80", "[2001:db8::1]:80"; NULL when there is none. `name` is the table of addresses that
// was joined by join_address().
std::string endpoint(std::string_view name, std::string_view column) {
  return fmt::format(
      "CASE WHEN instr({0}.address, ':') THEN '[' || {0}.address || ']' ELSE {0}.address END"
      " || ':' || ({1} & 65535)",
      name, column);
}

std::string join_address(std::string_view name, std::string_view column) {
  return fmt::format("LEFT JOIN addresses {0} ON {0}.id = {1} >> 16\n", name, column);
}

std::string connections_view() {
  std::string sql = fmt::format(R"sql(
CREATE VIEW connections_view AS SELECT
  c.id,
  o.name  AS object,
  pr.name AS peer,
  ro.name AS role,
  re.name AS reason,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  {} AS translated_source,
  {} AS translated_destination,
  c.opened_ns / 1e9                            AS opened_s,
  (c.opened_ns + c.established_after_ns) / 1e9 AS established_s,
  (c.opened_ns + c.closed_after_ns) / 1e9      AS closed_s,
  c.bytes_sent,
  c.bytes_received,
  c.retransmissions
FROM connections c
LEFT JOIN connection_classes k ON k.id = c.class
LEFT JOIN objects   o  ON o.id  = k.object
LEFT JOIN objects   pr ON pr.id = k.peer
LEFT JOIN roles     ro ON ro.id = k.role
LEFT JOIN reasons   re ON re.id = k.reason
LEFT JOIN protocols pt ON pt.id = k.protocol
)sql",
                                endpoint("a", "c.source"), endpoint("b", "c.destination"),
                                endpoint("ta", "c.translated_source"),
                                endpoint("tb", "k.translated_destination"));
  sql += join_address("a", "c.source") + join_address("b", "c.destination");
  sql += join_address("ta", "c.translated_source") + join_address("tb", "k.translated_destination");
  return sql + ";";
}

std::string events_view() {
  std::string sql = fmt::format(R"sql(
CREATE VIEW events_view AS SELECT
  e.id,
  e.at_ns / 1e9 AS at_s,
  o.name  AS object,
  ek.name AS kind,
  re.name AS reason,
  pr.name AS peer,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  e.value
FROM events e
LEFT JOIN event_classes k  ON k.id  = e.class
LEFT JOIN objects       o  ON o.id  = k.object
LEFT JOIN objects       pr ON pr.id = k.peer
LEFT JOIN event_kinds   ek ON ek.id = k.kind
LEFT JOIN reasons       re ON re.id = k.reason
LEFT JOIN protocols     pt ON pt.id = k.protocol
)sql",
                                endpoint("a", "e.source"), endpoint("b", "e.destination"));
  return sql + join_address("a", "e.source") + join_address("b", "e.destination") + ";";
}

// The flags that are set, in tcpdump's letters: "S" SYN, "F" FIN, "R" RST, "P" PSH, "." ACK.
constexpr std::string_view kFlagLetters =
    "CASE WHEN p.tcp_flags & 2 THEN 'S' ELSE '' END || CASE WHEN p.tcp_flags & 1 THEN 'F' ELSE ''"
    " END || CASE WHEN p.tcp_flags & 4 THEN 'R' ELSE '' END || CASE WHEN p.tcp_flags & 8 THEN 'P'"
    " ELSE '' END || CASE WHEN p.tcp_flags & 16 THEN '.' ELSE '' END";

std::string packets_view() {
  std::string sql =
      fmt::format(R"sql(
CREATE VIEW packets_view AS SELECT
  p.id,
  p.connection,
  p.at_ns / 1e9 AS at_s,
  o.name  AS object,
  ac.name AS action,
  re.name AS reason,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  {} AS flags,
  p.sequence,
  p.acknowledgment,
  p.window,
  p.payload_bytes,
  p.mss,
  p.timestamp_value,
  p.timestamp_echo
FROM packets p
LEFT JOIN objects        o  ON o.id  = p.object
LEFT JOIN packet_actions ac ON ac.id = p.action
LEFT JOIN reasons        re ON re.id = p.reason
LEFT JOIN protocols      pt ON pt.id = p.protocol
)sql",
                  endpoint("a", "p.source"), endpoint("b", "p.destination"), kFlagLetters);
  return sql + join_address("a", "p.source") + join_address("b", "p.destination") + ";";
}

// Both flows of each conflict: as their clients sent them, and the one tuple that the server saw.
// The source of a flow that came through a NAT box is its client's own.
std::string conflicts_view() {
  std::string sql = fmt::format(R"sql(
CREATE VIEW conflicts_view AS SELECT
  x.id,
  x.at_ns / 1e9 AS at_s,
  pt.name AS protocol,
  {} AS client,
  {} AS server,
  eo.name AS earlier_node,
  {} AS earlier_destination,
  e.opened_ns / 1e9 AS earlier_opened_s,
  lo.name AS later_node,
  {} AS later_destination,
  sc.name AS scope,
  st.name AS earlier_state,
  oc.name AS outcome,
  ec.name AS earlier_outcome,
  x.earlier AS earlier_connection,
  x.later   AS later_connection,
  eh.name AS earlier_host,
  {} AS earlier_source,
  lh.name AS later_host,
  {} AS later_source
FROM conflicts x
JOIN connections e ON e.id = x.earlier
JOIN connections l ON l.id = x.later
JOIN connection_classes ek ON ek.id = e.class
JOIN connection_classes lk ON lk.id = l.class
LEFT JOIN objects   eo ON eo.id = ek.object
LEFT JOIN objects   lo ON lo.id = lk.object
LEFT JOIN protocols pt ON pt.id = x.protocol
LEFT JOIN conflict_scopes   sc ON sc.id = x.scope
LEFT JOIN conflict_states   st ON st.id = x.earlier_state
LEFT JOIN conflict_outcomes oc ON oc.id = x.outcome
LEFT JOIN conflict_outcomes ec ON ec.id = x.earlier_outcome
LEFT JOIN connections ecc ON ecc.id = x.earlier_client
LEFT JOIN connections lcc ON lcc.id = x.later_client
LEFT JOIN connection_classes eck ON eck.id = ecc.class
LEFT JOIN connection_classes lck ON lck.id = lcc.class
LEFT JOIN objects eh ON eh.id = eck.object
LEFT JOIN objects lh ON lh.id = lck.object
)sql",
                                endpoint("a", "x.source"), endpoint("b", "x.server"),
                                endpoint("ea", "e.destination"), endpoint("la", "l.destination"),
                                endpoint("es", "ecc.source"), endpoint("ls", "lcc.source"));
  sql += join_address("a", "x.source") + join_address("b", "x.server");
  sql += join_address("ea", "e.destination") + join_address("la", "l.destination");
  sql += join_address("es", "ecc.source") + join_address("ls", "lcc.source");
  return sql + ";";
}

std::string packet_connections_view() {
  std::string sql = fmt::format(R"sql(
CREATE VIEW packet_connections_view AS SELECT
  c.id,
  ch.name AS choice,
  re.name AS reason,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  {} AS translated_source,
  {} AS translated_destination,
  c.first_ns / 1e9 AS first_s,
  c.last_ns / 1e9  AS last_s,
  c.last_packet - c.first_packet + 1 AS packets,
  c.left_out
FROM packet_connections c
LEFT JOIN packet_choices ch ON ch.id = c.choice
LEFT JOIN reasons        re ON re.id = c.reason
LEFT JOIN protocols      pt ON pt.id = c.protocol
)sql",
                                endpoint("a", "c.source"), endpoint("b", "c.destination"),
                                endpoint("ta", "c.translated_source"),
                                endpoint("tb", "c.translated_destination"));
  sql += join_address("a", "c.source") + join_address("b", "c.destination");
  sql += join_address("ta", "c.translated_source") + join_address("tb", "c.translated_destination");
  return sql + ";";
}

std::string decisions_view() {
  std::string sql = fmt::format(R"sql(
CREATE VIEW decisions_view AS SELECT
  d.id,
  d.connection,
  d.at_ns / 1e9 AS at_s,
  o.name  AS object,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  gr.name AS ground,
  ch.name AS chosen,
  d.slot,
  d.servers,
  d.usable
FROM decisions d
LEFT JOIN objects          o  ON o.id  = d.object
LEFT JOIN objects          ch ON ch.id = d.chosen
LEFT JOIN protocols        pt ON pt.id = d.protocol
LEFT JOIN decision_grounds gr ON gr.id = d.ground
)sql",
                                endpoint("a", "d.source"), endpoint("b", "d.destination"));
  return sql + join_address("a", "d.source") + join_address("b", "d.destination") + ";";
}

// Who keeps a server out stands as bits, one for each row of server_owners.
constexpr std::string_view kDecisionCandidatesView = R"sql(
CREATE VIEW decision_candidates_view AS SELECT
  c.decision,
  o.name AS server,
  c.server IS d.chosen AS is_chosen,
  c.weight,
  c.active_connections,
  c.credit,
  ifnull((SELECT group_concat(w.name, ', ') FROM server_owners w WHERE c.kept_out_by >> w.id & 1),
         '') AS kept_out
FROM decision_candidates c
JOIN decisions d ON d.id = c.decision
LEFT JOIN objects o ON o.id = c.server;
)sql";

constexpr std::string_view kSmallViews = R"sql(
CREATE VIEW objects_view AS SELECT o.id, o.name, k.name AS kind, o.detail
FROM objects o LEFT JOIN object_kinds k ON k.id = o.kind;
CREATE VIEW series_view AS SELECT
  s.id, s.name, o.name AS object, s.unit, k.name AS kind,
  s.name || '(' || ifnull(o.name, '') || ')' AS measure
FROM series s
LEFT JOIN objects o ON o.id = s.object
LEFT JOIN series_kinds k ON k.id = s.kind;
CREATE VIEW samples_view AS SELECT
  s.name || '(' || ifnull(o.name, '') || ')' AS measure, p.at_ns / 1e9 AS at_s, p.value, s.unit
FROM samples p
JOIN series s ON s.id = p.series
LEFT JOIN objects o ON o.id = s.object;
CREATE VIEW reason_counts_view AS
SELECT o.name AS object, k.name AS kind, re.name AS reason, c.n
FROM event_counts c
LEFT JOIN objects o ON o.id = c.object
LEFT JOIN event_kinds k ON k.id = c.kind
LEFT JOIN reasons re ON re.id = c.reason
UNION ALL
SELECT o.name, ro.name, re.name, c.n
FROM connection_counts c
LEFT JOIN objects o ON o.id = c.object
LEFT JOIN roles ro ON ro.id = c.role
LEFT JOIN reasons re ON re.id = c.reason;
CREATE VIEW operations_view AS SELECT
  p.id, p.requested_ns / 1e9 AS requested_s, p.applied_ns / 1e9 AS applied_s,
  b.name AS balancer, o.name AS object, p.resource, p.trace_name, p.path,
  p.old_value, p.new_value, p.result
FROM operations p
LEFT JOIN objects b ON b.id = p.balancer
LEFT JOIN objects o ON o.id = p.object;
CREATE VIEW probes_view AS SELECT
  p.id, p.started_ns / 1e9 AS started_s, p.ended_after_ns / 1e6 AS took_ms,
  n.name AS node, s.name AS server,
  CASE WHEN re.name = 'none' THEN 'passed' ELSE re.name END AS result, p.status,
  v.name AS verdict
FROM probes p
LEFT JOIN objects  n  ON n.id  = p.node
LEFT JOIN objects  s  ON s.id  = p.server
LEFT JOIN reasons  re ON re.id = p.reason
LEFT JOIN verdicts v  ON v.id  = p.verdict;
CREATE VIEW health_view AS SELECT
  h.id, h.at_ns / 1e9 AS at_s, ifnull(n.name, 'displayed') AS node, s.name AS server,
  b.name AS before, a.name AS after, nullif(re.name, 'none') AS reason
FROM health h
LEFT JOIN objects  n  ON n.id  = h.node
LEFT JOIN objects  s  ON s.id  = h.server
LEFT JOIN verdicts b  ON b.id  = h.before
LEFT JOIN verdicts a  ON a.id  = h.after
LEFT JOIN reasons  re ON re.id = h.reason;
CREATE VIEW server_health AS
WITH spans AS (
  SELECT server, node, before, after, at_ns,
    lead(at_ns, 1, (SELECT ifnull(end_of_run_ns, duration_ns) FROM run))
      OVER (PARTITION BY server, node ORDER BY at_ns, id) AS until_ns
  FROM health)
SELECT s.name AS server, ifnull(n.name, 'displayed') AS node,
  ifnull(sum(x.until_ns - x.at_ns) FILTER (WHERE x.after = 1), 0) / 1e9 AS healthy_s,
  1.0 * ifnull(sum(x.until_ns - x.at_ns) FILTER (WHERE x.after = 1), 0)
    / nullif(sum(x.until_ns - x.at_ns), 0) AS availability,
  count(*) FILTER (WHERE x.before <> 0 AND x.after <> 0) AS transitions,
  count(*) FILTER (WHERE x.before <> 0 AND x.after <> 0) * 3600e9
    / (SELECT ifnull(end_of_run_ns, duration_ns) FROM run) AS flaps_per_hour
FROM spans x
LEFT JOIN objects s ON s.id = x.server
LEFT JOIN objects n ON n.id = x.node
GROUP BY x.server, x.node;
CREATE VIEW detections_view AS
SELECT h.at_ns / 1e9 AS at_s, s.name AS server,
  f.at_ns / 1e9 AS fault_s, o.name AS fault, (h.at_ns - f.at_ns) / 1e9 AS detection_s
FROM health h
JOIN events f ON f.id = (
  SELECT e.id FROM events e JOIN event_classes k ON k.id = e.class
  JOIN event_kinds ek ON ek.id = k.kind
  WHERE ek.name = 'fault_injected' AND e.at_ns <= h.at_ns ORDER BY e.at_ns DESC, e.id DESC LIMIT 1)
JOIN event_classes fk ON fk.id = f.class
LEFT JOIN objects o ON o.id = fk.object
LEFT JOIN objects s ON s.id = h.server
WHERE h.node IS NULL AND h.after = 2;
CREATE VIEW latencies_view AS SELECT
  o.name AS object, l.at_ns / 1e9 AS at_s, b.low_ns / 1e6 AS low_ms, b.high_ns / 1e6 AS high_ms, l.n
FROM latencies l
JOIN latency_buckets b ON b.bucket = l.bucket
LEFT JOIN objects o ON o.id = l.object;
CREATE VIEW traffic_view AS SELECT
  ifnull(a.address, 'others') AS client, o.name AS server,
  t.connections, t.failed, t.bytes_sent, t.bytes_received
FROM traffic t
LEFT JOIN addresses a ON a.id = t.client
LEFT JOIN objects o ON o.id = t.server;
)sql";

}  // namespace

std::string create_row_views_sql() {
  std::string sql = connections_view() + events_view() + packets_view() +
                    packet_connections_view() + conflicts_view() + decisions_view();
  return sql.append(kDecisionCandidatesView).append(kSmallViews);
}

}  // namespace elblab::trace
