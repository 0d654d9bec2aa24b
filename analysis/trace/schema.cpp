#include "analysis/trace/schema.hpp"

#include <fmt/format.h>

#include <array>

#include "analysis/trace/metric_views.hpp"
#include "analysis/trace/row_views.hpp"

namespace elblab::trace {
namespace {

// clang-format off
constexpr auto kTables = std::to_array<std::string_view>({
    "run", "event_kinds", "reasons", "protocols", "roles", "object_kinds", "series_kinds",
    "packet_actions", "packet_choices", "decision_grounds", "server_owners", "verdicts", "conflict_scopes", "conflict_states", "conflict_outcomes",
    "latency_buckets", "addresses", "objects", "series",
    "connections", "connection_classes", "events", "event_classes", "samples", "sample_levels",
    "event_counts", "connection_counts", "event_blocks", "connection_blocks", "latencies",
    "traffic", "packets", "packet_connections", "decisions", "decision_candidates",
    "conflicts", "operations", "probes", "health"});
// clang-format on

// Lookup tables: the enumerations of the program by name, so that the trace explains itself.
constexpr std::string_view kLookups = R"sql(
CREATE TABLE event_kinds  (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE reasons      (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE protocols    (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE roles        (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE object_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE series_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE packet_actions (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE packet_choices (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE decision_grounds  (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE server_owners     (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE verdicts          (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE conflict_scopes   (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE conflict_states   (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE conflict_outcomes (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE latency_buckets (
  bucket  INTEGER PRIMARY KEY,
  low_ns  INTEGER NOT NULL,
  high_ns INTEGER NOT NULL
);
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
CREATE TABLE latencies (
  object INTEGER NOT NULL,
  at_ns  INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  n      INTEGER NOT NULL
);
CREATE TABLE traffic (
  client         INTEGER,
  server         INTEGER,
  connections    INTEGER NOT NULL,
  failed         INTEGER NOT NULL,
  bytes_sent     INTEGER NOT NULL,
  bytes_received INTEGER NOT NULL
);
CREATE TABLE packets (
  connection      INTEGER NOT NULL,
  at_ns           INTEGER NOT NULL,
  object          INTEGER NOT NULL,
  action          INTEGER NOT NULL,
  reason          INTEGER,
  protocol        INTEGER NOT NULL,
  source          INTEGER NOT NULL,
  destination     INTEGER NOT NULL,
  tcp_flags       INTEGER,
  sequence        INTEGER,
  acknowledgment  INTEGER,
  window          INTEGER,
  payload_bytes   INTEGER NOT NULL,
  mss             INTEGER,
  timestamp_value INTEGER,
  timestamp_echo  INTEGER,
  id              INTEGER PRIMARY KEY
);
CREATE TABLE packet_connections (
  choice                 INTEGER NOT NULL,
  reason                 INTEGER,
  protocol               INTEGER NOT NULL,
  source                 INTEGER NOT NULL,
  destination            INTEGER NOT NULL,
  translated_source      INTEGER,
  translated_destination INTEGER,
  first_ns               INTEGER NOT NULL,
  last_ns                INTEGER NOT NULL,
  first_packet           INTEGER NOT NULL,
  last_packet            INTEGER NOT NULL,
  left_out               INTEGER NOT NULL,
  id                     INTEGER PRIMARY KEY
);
CREATE TABLE decisions (
  connection  INTEGER NOT NULL,
  at_ns       INTEGER NOT NULL,
  object      INTEGER NOT NULL,
  protocol    INTEGER NOT NULL,
  source      INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  ground      INTEGER NOT NULL,
  chosen      INTEGER,
  slot        INTEGER,
  servers     INTEGER NOT NULL,
  usable      INTEGER NOT NULL,
  id          INTEGER PRIMARY KEY
);
CREATE TABLE decision_candidates (
  decision           INTEGER NOT NULL,
  server             INTEGER NOT NULL,
  weight             INTEGER NOT NULL,
  active_connections INTEGER NOT NULL,
  credit             INTEGER,
  kept_out_by        INTEGER NOT NULL
);
CREATE TABLE conflicts (
  at_ns           INTEGER NOT NULL,
  protocol        INTEGER NOT NULL,
  source          INTEGER NOT NULL,
  server          INTEGER NOT NULL,
  earlier         INTEGER NOT NULL,
  later           INTEGER NOT NULL,
  scope           INTEGER NOT NULL,
  earlier_state   INTEGER NOT NULL,
  outcome         INTEGER NOT NULL,
  earlier_outcome INTEGER NOT NULL,
  earlier_client  INTEGER,
  later_client    INTEGER,
  id              INTEGER PRIMARY KEY
);
CREATE TABLE operations (
  requested_ns INTEGER NOT NULL,
  applied_ns   INTEGER NOT NULL,
  balancer     INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  resource     TEXT,
  trace_name   TEXT,
  path         TEXT    NOT NULL,
  old_value    TEXT,
  new_value    TEXT,
  result       TEXT    NOT NULL,
  id           INTEGER PRIMARY KEY
);
CREATE TABLE probes (
  started_ns     INTEGER NOT NULL,
  ended_after_ns INTEGER NOT NULL,
  node           INTEGER NOT NULL,
  server         INTEGER NOT NULL,
  reason         INTEGER NOT NULL,
  status         INTEGER,
  verdict        INTEGER NOT NULL,
  id             INTEGER PRIMARY KEY
);
CREATE TABLE health (
  at_ns  INTEGER NOT NULL,
  node   INTEGER,
  server INTEGER NOT NULL,
  before INTEGER NOT NULL,
  after  INTEGER NOT NULL,
  reason INTEGER,
  id     INTEGER PRIMARY KEY
);
)sql";

}  // namespace

std::string create_schema_sql() {
  std::string sql = fmt::format("PRAGMA application_id={};PRAGMA user_version={};", kApplicationId,
                                kSchemaVersion);
  sql.append(kRun).append(kLookups).append(kRows);
  return sql.append(create_row_views_sql()).append(create_metric_views_sql());
}

std::string create_indices_sql() {
  return R"sql(
CREATE INDEX samples_by_time ON samples (series, at_ns);
CREATE INDEX sample_levels_by_time ON sample_levels (series, level, first_at_ns);
CREATE INDEX connection_blocks_by_class ON connection_blocks (class, first_ns);
CREATE INDEX event_blocks_by_class ON event_blocks (class, first_ns);
CREATE INDEX latencies_by_time ON latencies (at_ns);
CREATE INDEX decisions_by_connection ON decisions (connection);
CREATE INDEX decision_candidates_by_decision ON decision_candidates (decision);
CREATE INDEX packet_connections_by_flow ON packet_connections (source, destination);
CREATE INDEX packet_connections_by_server_flow
  ON packet_connections (translated_source, translated_destination);
)sql";
}

std::span<const std::string_view> tables() { return kTables; }

}  // namespace elblab::trace
