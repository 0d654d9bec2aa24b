#include "analysis/trace/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace elblab::trace {
namespace {

constexpr std::array<std::string_view, 20> kTables{"run",          "event_kinds",
                                                   "reasons",      "protocols",
                                                   "roles",        "object_kinds",
                                                   "series_kinds", "addresses",
                                                   "objects",      "series",
                                                   "connections",  "connection_classes",
                                                   "events",       "event_classes",
                                                   "samples",      "sample_levels",
                                                   "event_counts", "connection_counts",
                                                   "event_blocks", "connection_blocks"};

// Lookup tables: the enumerations of the program by name, so that the trace explains itself.
constexpr std::string_view kLookups = R"sql(
CREATE TABLE event_kinds  (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE reasons      (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE protocols    (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE roles        (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE object_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE series_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
)sql";

constexpr std::string_view kRun = R"sql(
CREATE TABLE run (
  scenario             TEXT    NOT NULL,
  run                  TEXT    NOT NULL,
  title                TEXT    NOT NULL,
  world                TEXT    NOT NULL,
  scenario_text        TEXT    NOT NULL,
  effective_yaml       TEXT    NOT NULL,
  seed                 INTEGER NOT NULL,
  duration_ns          INTEGER NOT NULL,
  sample_interval_ns   INTEGER NOT NULL,
  complete             INTEGER NOT NULL,
  end_of_run_ns        INTEGER,
  wall_program_version TEXT    NOT NULL,
  wall_world_version   TEXT    NOT NULL,
  wall_started_at      TEXT    NOT NULL,
  wall_seconds         REAL
);
)sql";

// Plain rowid tables. A row of the two long ones costs by its columns: what rows share stands in
// their class, an endpoint is one number, a moment that is near another is the distance to it. In
// these the id comes last, see BatchInsert.
constexpr std::string_view kRows = R"sql(
CREATE TABLE addresses (id INTEGER PRIMARY KEY, address TEXT NOT NULL);
CREATE TABLE objects (
  id     INTEGER PRIMARY KEY,
  name   TEXT    NOT NULL,
  kind   INTEGER NOT NULL,
  detail TEXT    NOT NULL
);
CREATE TABLE series (
  id     INTEGER PRIMARY KEY,
  name   TEXT    NOT NULL,
  object INTEGER NOT NULL,
  unit   TEXT    NOT NULL,
  kind   INTEGER NOT NULL
);
CREATE TABLE connection_classes (
  object                 INTEGER NOT NULL,
  peer                   INTEGER,
  role                   INTEGER NOT NULL,
  reason                 INTEGER NOT NULL,
  protocol               INTEGER NOT NULL,
  translated_destination INTEGER,
  id                     INTEGER PRIMARY KEY
);
CREATE TABLE connections (
  class                INTEGER NOT NULL,
  source               INTEGER NOT NULL,
  destination          INTEGER NOT NULL,
  translated_source    INTEGER,
  opened_ns            INTEGER NOT NULL,
  established_after_ns INTEGER,
  closed_after_ns      INTEGER NOT NULL,
  bytes_sent           INTEGER NOT NULL,
  bytes_received       INTEGER NOT NULL,
  retransmissions      INTEGER NOT NULL,
  id                   INTEGER PRIMARY KEY
);
CREATE TABLE event_classes (
  kind     INTEGER NOT NULL,
  reason   INTEGER NOT NULL,
  object   INTEGER NOT NULL,
  peer     INTEGER,
  protocol INTEGER,
  id       INTEGER PRIMARY KEY
);
CREATE TABLE events (
  at_ns       INTEGER NOT NULL,
  class       INTEGER NOT NULL,
  source      INTEGER,
  destination INTEGER,
  value       INTEGER NOT NULL,
  id          INTEGER PRIMARY KEY
);
CREATE TABLE connection_blocks (
  class    INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  last_id  INTEGER NOT NULL,
  n        INTEGER NOT NULL,
  first_ns INTEGER NOT NULL,
  last_ns  INTEGER NOT NULL
);
CREATE TABLE event_blocks (
  class    INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  last_id  INTEGER NOT NULL,
  n        INTEGER NOT NULL,
  first_ns INTEGER NOT NULL,
  last_ns  INTEGER NOT NULL
);
CREATE TABLE samples (
  series INTEGER NOT NULL,
  at_ns  INTEGER NOT NULL,
  value  REAL
);
CREATE TABLE sample_levels (
  series      INTEGER NOT NULL,
  level       INTEGER NOT NULL,
  bucket      INTEGER NOT NULL,
  first_at_ns INTEGER NOT NULL,
  last_at_ns  INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  min         REAL NOT NULL,
  max         REAL NOT NULL,
  sum         REAL NOT NULL,
  first       REAL NOT NULL,
  last        REAL NOT NULL
);
CREATE TABLE event_counts (
  object INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  n      INTEGER NOT NULL
);
CREATE TABLE connection_counts (
  object INTEGER NOT NULL,
  role   INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  n      INTEGER NOT NULL
);
)sql";

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
)sql";

}  // namespace

std::string create_schema_sql() {
  std::string sql = fmt::format("PRAGMA application_id={};PRAGMA user_version={};", kApplicationId,
                                kSchemaVersion);
  sql.append(kRun).append(kLookups).append(kRows);
  return sql.append(connections_view()).append(events_view()).append(kSmallViews);
}

std::string create_indices_sql() {
  return R"sql(
CREATE INDEX samples_by_time ON samples (series, at_ns);
CREATE INDEX sample_levels_by_time ON sample_levels (series, level, first_at_ns);
CREATE INDEX connection_blocks_by_class ON connection_blocks (class, first_ns);
CREATE INDEX event_blocks_by_class ON event_blocks (class, first_ns);
)sql";
}

std::span<const std::string_view> tables() { return kTables; }

}  // namespace elblab::trace
