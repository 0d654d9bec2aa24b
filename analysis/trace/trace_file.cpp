#include "analysis/trace/trace_file.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "analysis/trace/schema.hpp"
#include "models/telemetry/latency_buckets.hpp"

namespace elblab::trace {
namespace {

namespace fs = std::filesystem;

constexpr int kPatienceWithOthersMs = 10'000;

Error cannot_write(const fs::path& path, std::string_view why, std::string_view what_to_do) {
  return {fmt::format("cannot write the trace '{}': {}; {}", path.string(), why, what_to_do)};
}

// 0 for a database of nobody.
Expected<std::int64_t, SqliteError> application_id(const fs::path& path) {
  const auto database = Database::open(path, SQLITE_OPEN_READONLY);
  if (!database) return database.error();
  Statement statement(*database, "PRAGMA application_id");
  if (statement.step() != Step::row) return database->last_error();
  return statement.integer(0);
}

// A writer holds the write lock from the first row to the end of its run.
bool is_being_written(const fs::path& path) {
  const auto database = Database::open(path, SQLITE_OPEN_READWRITE);
  if (!database) return false;
  const auto locked = database->execute("BEGIN IMMEDIATE; ROLLBACK");
  return !locked && locked.error().code == SQLITE_BUSY;
}

// Looks first and touches only what is ours: SQLite may write to a file that it opens for writing.
Expected<void> check_owner(const fs::path& path) {
  const auto id = application_id(path);
  if (!id && (id.error().code == SQLITE_BUSY || id.error().code == SQLITE_LOCKED)) {
    return cannot_write(path, "another program is using it", "wait or choose another path");
  }
  if (!id || *id != kApplicationId) {
    return cannot_write(path, "a file that is not an elblab trace stands there",
                        "it was left alone: choose another path or move it away");
  }
  if (is_being_written(path)) {
    return cannot_write(path, "another run is writing it now", "wait or choose another path");
  }
  return {};
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

void insert_names(const Database& database, std::string_view table,
                  std::initializer_list<std::string_view> names) {
  Statement insert(database, fmt::format("INSERT INTO {} VALUES (?,?)", table));
  std::int64_t id = 0;
  for (const std::string_view name : names) insert.bind(1, id++).bind(2, name).run();
}

void insert_lookups(const Database& database) {
  // The order is that of the enumerations in writer.hpp and recorder.hpp.
  insert_names(database, "object_kinds",
               {"host", "node", "balancer", "server", "link", "workload", "listener", "network",
                "middlebox", "group", "health_check"});
  insert_names(database, "series_kinds", {"gauge", "counter"});
  insert_names(database, "roles", {"client", "server", "session", "translation"});
  // As in conflict_rows.hpp.
  insert_names(database, "conflict_scopes", {"node", "nodes", "balancers"});
  insert_names(database, "conflict_states",
               {"unknown", "syn_received", "established", "time_wait", "closed"});
  insert_names(database, "conflict_outcomes",
               {"unknown", "accepted", "delayed", "broken", "reset", "timed_out"});

  Statement reason(database, "INSERT INTO reasons VALUES (?,?)");
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(telemetry::Reason::count_); ++i) {
    const auto name = to_string(static_cast<telemetry::Reason>(i));
    reason.bind(1, std::int64_t{i}).bind(2, name).run();
  }
  Statement kind(database, "INSERT INTO event_kinds VALUES (?,?)");
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(telemetry::EventKind::no_healthy_server);
       ++i) {
    const auto name = to_string(static_cast<telemetry::EventKind>(i));
    kind.bind(1, std::int64_t{i}).bind(2, name).run();
  }
  Statement protocol(database, "INSERT INTO protocols VALUES (?,?)");
  for (const auto known :
       {net::Protocol::icmp, net::Protocol::tcp, net::Protocol::udp, net::Protocol::icmpv6}) {
    protocol.bind(1, std::int64_t{static_cast<std::uint8_t>(known)});
    protocol.bind(2, std::string_view(net::to_string(known))).run();
  }
}

// Lookup rows of what is kept with packets.
void insert_packet_lookups(const Database& database) {
  using telemetry::PacketAction;
  using telemetry::PacketChoice;
  Statement action(database, "INSERT INTO packet_actions VALUES (?,?)");
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(PacketAction::dropped); ++i) {
    const auto name = to_string(static_cast<PacketAction>(i));
    action.bind(1, std::int64_t{i}).bind(2, name).run();
  }
  Statement ground(database, "INSERT INTO decision_grounds VALUES (?,?)");
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(telemetry::DecisionGround::count_); ++i) {
    ground.bind(1, std::int64_t{i});
    ground.bind(2, to_string(static_cast<telemetry::DecisionGround>(i))).run();
  }
  Statement owner(database, "INSERT INTO server_owners VALUES (?,?)");
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(telemetry::ServerOwner::count_); ++i) {
    owner.bind(1, std::int64_t{i});
    owner.bind(2, to_string(static_cast<telemetry::ServerOwner>(i))).run();
  }
  Statement verdict(database, "INSERT INTO verdicts VALUES (?,?)");
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(telemetry::Verdict::count_); ++i) {
    verdict.bind(1, std::int64_t{i});
    verdict.bind(2, to_string(static_cast<telemetry::Verdict>(i))).run();
  }
  Statement choice(database, "INSERT INTO packet_choices VALUES (?,?)");
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(PacketChoice::retransmitted); ++i) {
    const auto name = to_string(static_cast<PacketChoice>(i));
    choice.bind(1, std::int64_t{i}).bind(2, name).run();
  }
}

// Of a Duration: 63 bits.
void insert_latency_buckets(const Database& database) {
  using telemetry::LatencyBuckets;
  Statement edges(database, "INSERT INTO latency_buckets VALUES (?,?,?)");
  const std::size_t last = LatencyBuckets::bucket_of(INT64_MAX);
  for (std::size_t bucket = 0; bucket <= last; ++bucket) {
    edges.bind(1, static_cast<std::int64_t>(bucket));
    edges.bind(2, static_cast<std::int64_t>(LatencyBuckets::lower_edge(bucket)));
    edges.bind(3, static_cast<std::int64_t>(LatencyBuckets::upper_edge(bucket))).run();
  }
}

bool insert_run(const Database& database, const RunMetadata& run) {
  Statement insert(database,
                   "INSERT INTO run (scenario, run, title, world, scenario_text, effective_yaml,"
                   " seed, duration_ns, sample_interval_ns, complete, wall_program_version,"
                   " wall_world_version, wall_started_at) VALUES (?,?,?,?,?,?,?,?,?,0,?,?,?)");
  insert.bind(1, run.scenario).bind(2, run.run).bind(3, run.title).bind(4, run.world);
  insert.bind(5, run.scenario_text).bind(6, run.effective_yaml);
  insert.bind(7, static_cast<std::int64_t>(run.seed));
  insert.bind(8, std::int64_t{run.duration.count()});
  insert.bind(9, std::int64_t{run.sample_interval.count()});
  insert.bind(10, run.program_version).bind(11, run.world_version).bind(12, utc_now());
  return insert.run();
}

// What a trace holds before its run writes anything, in a database without a file.
Expected<Database, SqliteError> beginning(const RunMetadata& metadata) {
  auto database = Database::open_in_memory();
  if (!database) return database;
  auto created = database->execute("PRAGMA page_size=16384; PRAGMA auto_vacuum=NONE; BEGIN");
  if (created) created = database->execute(create_schema_sql());
  if (!created) return created.error();
  insert_lookups(*database);
  insert_packet_lookups(*database);
  insert_latency_buckets(*database);
  if (!insert_run(*database, metadata)) return database->last_error();
  if (auto committed = database->execute("COMMIT"); !committed) return committed.error();
  return database;
}

// As PRAGMA journal_mode=WAL does it, in steps, between which a kill leaves a file that only a
// writer can read (https://www.sqlite.org/fileformat2.html, offsets 18 and 19).
void mark_as_write_ahead(std::span<std::byte> database) {
  constexpr std::size_t kWriteVersion = 18;
  constexpr std::size_t kReadVersion = 19;
  for (const std::size_t at : {kWriteVersion, kReadVersion}) database[at] = std::byte{2};
}

Error claimed_by_another(const fs::path& path) {
  return cannot_write(path, "another run is writing it now", "wait or choose another path");
}

Error refused_by_system(const fs::path& path, int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return write_error(path, {{}, SQLITE_FULL});
    case EACCES:
    case EPERM:
    case EROFS:
      return write_error(path, {{std::strerror(code)}, SQLITE_PERM});
    default:
      return write_error(path, {{std::strerror(code)}, SQLITE_IOERR});
  }
}

Expected<void> check_place(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  if (path.filename().empty()) return cannot_write(path, "no file name", "give one");
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) {
    return cannot_write(path, "it is a folder", "give the path of a file in it");
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return cannot_write(path, "it is not a regular file", "choose another path");
  }
  if (!fs::is_directory(folder, error)) {
    return cannot_write(path, fmt::format("there is no folder '{}'", folder.string()),
                        "create it or choose another path");
  }
  return {};
}

// The trace itself last: as long as it stands there claimed, nobody puts another one there, whose
// files these would be.
Expected<void> remove_trace(const fs::path& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal", ""}) {
    std::error_code error;
    fs::remove(fs::path(path.string() + suffix), error);
    if (error) {
      return cannot_write(path, "the trace of an earlier run cannot be removed: " + error.message(),
                          "check the folder's permissions or choose another path");
    }
  }
  return {};
}

// Removes a trace of ours (whole, incomplete or of another schema version) and the files SQLite
// kept beside it, unless a run is writing it. Anything else that stands there is left alone and is
// an error; an empty file counts as nothing.
Expected<void> make_room(const fs::path& path) {
  const auto claim = TraceClaim::of_file(path);
  if (!claim) {
    switch (claim.error().why) {
      case ClaimRefusal::Why::absent:
        return {};
      case ClaimRefusal::Why::claimed:
        return claimed_by_another(path);
      default:
        return refused_by_system(path, claim.error().code);
    }
  }
  std::error_code error;
  if (fs::file_size(path, error) > 0) {
    if (auto owned = check_owner(path); !owned) return owned;
  }
  return remove_trace(path);
}

Expected<TraceClaim> put_there(const fs::path& path, std::span<const std::byte> contents) {
  // Each time another run was quicker, which is then found to be writing; or replaced what stood
  // there, and has ended since.
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto room = make_room(path); !room) return room.error();
    auto claim = TraceClaim::of_new_file(path, contents);
    if (claim) return std::move(*claim);
    if (claim.error().why != ClaimRefusal::Why::exists) {
      return refused_by_system(path, claim.error().code);
    }
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(path, error)) {
      return cannot_write(path, "it is a symbolic link to nothing", "remove it or name its target");
    }
  }
  return claimed_by_another(path);
}

}  // namespace

Expected<BegunTrace> begin_trace(const fs::path& path, const RunMetadata& metadata) {
  if (auto placed = check_place(path); !placed) return placed.error();
  const auto made = beginning(metadata);
  if (!made) return write_error(path, made.error());
  auto image = made->image();
  if (!image) return write_error(path, made->last_error());
  mark_as_write_ahead(image->bytes());
  auto claim = put_there(path, image->bytes());
  if (!claim) return claim.error();
  auto opened = Database::open(path, SQLITE_OPEN_READWRITE);
  if (!opened) return write_error(path, opened.error());
  // Whoever looks into a trace may hold a lock for a moment; no run ends because of that.
  sqlite3_busy_timeout(opened->handle(), kPatienceWithOthersMs);
  auto begun = opened->execute(
      "PRAGMA secure_delete=OFF; PRAGMA synchronous=NORMAL; PRAGMA journal_mode=WAL;"
      "PRAGMA cache_size=-32768; BEGIN IMMEDIATE");
  if (!begun) return write_error(path, begun.error());
  return BegunTrace{std::move(*claim), std::move(*opened)};
}

Error write_error(const fs::path& path, const SqliteError& error) {
  switch (error.code) {
    case SQLITE_FULL:
      return cannot_write(path, "the disk is full",
                          "free some space or choose a path on another disk, then run again");
    case SQLITE_IOERR:
      return cannot_write(path, "the disk refused to write (" + error.message + ")",
                          "check free space, file size limits and the disk, then run again");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return cannot_write(path, error.message, "check the permissions of the file and its folder");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return cannot_write(path, "another program is using it", "wait or choose another path");
    default:
      return cannot_write(path, error.message, "choose another path, then run again");
  }
}

}  // namespace elblab::trace
