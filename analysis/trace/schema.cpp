#include "analysis/trace/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace elblab::trace {
namespace {

constexpr std::array<std::string_view, 16> kTables{
    "run",     "event_kinds",   "reasons",      "protocols",
    "roles",   "object_kinds",  "series_kinds", "addresses",
    "objects", "series",        "connections",  "events",
    "samples", "sample_levels", "event_counts", "connection_counts"};

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

// Plain rowid tables, narrow rows: an address is a number, a moment an integer of nanoseconds.
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
CREATE TABLE connections (
  id                          INTEGER PRIMARY KEY,
  object                      INTEGER NOT NULL,
  peer                        INTEGER,
  role                        INTEGER NOT NULL,
  reason                      INTEGER NOT NULL,
  protocol                    INTEGER NOT NULL,
  source                      INTEGER NOT NULL,
  source_port                 INTEGER NOT NULL,
  destination                 INTEGER NOT NULL,
  destination_port            INTEGER NOT NULL,
  translated_source           INTEGER,
  translated_source_port      INTEGER,
  translated_destination      INTEGER,
  translated_destination_port INTEGER,
  opened_ns                   INTEGER NOT NULL,
  established_ns              INTEGER,
  closed_ns                   INTEGER NOT NULL,
  bytes_sent                  INTEGER NOT NULL,
  bytes_received              INTEGER NOT NULL,
  retransmissions             INTEGER NOT NULL
);
CREATE TABLE events (
  id               INTEGER PRIMARY KEY,
  at_ns            INTEGER NOT NULL,
  kind             INTEGER NOT NULL,
  reason           INTEGER NOT NULL,
  object           INTEGER NOT NULL,
  peer             INTEGER,
  protocol         INTEGER,
  source           INTEGER,
  source_port      INTEGER,
  destination      INTEGER,
  destination_port INTEGER,
  value            INTEGER NOT NULL
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

// "10.0.0.1:80", "[2001:db8::1]:80"; NULL when there is no address.
std::string endpoint(std::string_view table, std::string_view port) {
  return fmt::format(
      "CASE WHEN instr({0}.address, ':') THEN '[' || {0}.address || ']' ELSE {0}.address END"
      " || ':' || {1}",
      table, port);
}

std::string connections_view() {
  return fmt::format(R"sql(
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
  c.opened_ns / 1e9      AS opened_s,
  c.established_ns / 1e9 AS established_s,
  c.closed_ns / 1e9      AS closed_s,
  c.bytes_sent,
  c.bytes_received,
  c.retransmissions
FROM connections c
LEFT JOIN objects   o  ON o.id  = c.object
LEFT JOIN objects   pr ON pr.id = c.peer
LEFT JOIN roles     ro ON ro.id = c.role
LEFT JOIN reasons   re ON re.id = c.reason
LEFT JOIN protocols pt ON pt.id = c.protocol
LEFT JOIN addresses a  ON a.id  = c.source
LEFT JOIN addresses b  ON b.id  = c.destination
LEFT JOIN addresses ta ON ta.id = c.translated_source
LEFT JOIN addresses tb ON tb.id = c.translated_destination;
)sql",
                     endpoint("a", "c.source_port"), endpoint("b", "c.destination_port"),
                     endpoint("ta", "c.translated_source_port"),
                     endpoint("tb", "c.translated_destination_port"));
}

std::string events_view() {
  return fmt::format(R"sql(
CREATE VIEW events_view AS SELECT
  e.id,
  e.at_ns / 1e9 AS at_s,
  o.name  AS object,
  k.name  AS kind,
  re.name AS reason,
  pr.name AS peer,
  pt.name AS protocol,
  {} AS source,
  {} AS destination,
  e.value
FROM events e
LEFT JOIN objects     o  ON o.id  = e.object
LEFT JOIN objects     pr ON pr.id = e.peer
LEFT JOIN event_kinds k  ON k.id  = e.kind
LEFT JOIN reasons     re ON re.id = e.reason
LEFT JOIN protocols   pt ON pt.id = e.protocol
LEFT JOIN addresses   a  ON a.id  = e.source
LEFT JOIN addresses   b  ON b.id  = e.destination;
)sql",
                     endpoint("a", "e.source_port"), endpoint("b", "e.destination_port"));
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
CREATE INDEX connections_by_object ON connections (object, opened_ns);
CREATE INDEX events_by_kind ON events (kind, at_ns);
)sql";
}

std::span<const std::string_view> tables() { return kTables; }

}  // namespace elblab::trace
