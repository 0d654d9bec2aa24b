#include "analysis/trace/reader.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "analysis/trace/conflict_rows.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/digest.hpp"
#include "analysis/trace/latency_query.hpp"
#include "analysis/trace/packet_query.hpp"
#include "analysis/trace/row_query.hpp"
#include "analysis/trace/schema.hpp"
#include "analysis/trace/series_query.hpp"
#include "analysis/trace/traffic_query.hpp"

namespace elblab::trace {
namespace {

namespace fs = std::filesystem;

Error cannot_read(const fs::path& path, std::string_view why) {
  return {fmt::format("cannot read '{}': {}", path.string(), why)};
}

Error damaged(const fs::path& path, std::string_view why) {
  return cannot_read(path, fmt::format("the trace is truncated or damaged ({}); run the scenario "
                                       "again, or copy the file again, whole and with its -wal "
                                       "file if there is one",
                                       why));
}

std::optional<std::int64_t> pragma(const Database& database, const char* name) {
  Statement statement(database, std::string("PRAGMA ") + name);
  if (statement.step() != Step::row) return std::nullopt;
  return statement.integer(0);
}

// Without a write-ahead log and without the right to make files beside it, the file can only be
// read as one that nobody changes.
bool needs_immutable(const fs::path& path) {
  std::error_code error;
  const fs::path log(path.string() + "-wal");
  if (fs::exists(log, error) && fs::file_size(log, error) > 0) return false;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return ::access(folder.c_str(), W_OK) != 0;
}

Expected<void> check_regular(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return cannot_read(path, error && error != std::errc::no_such_file_or_directory
                                 ? error.message()
                                 : "there is no such file; `elblab run` writes traces");
  }
  if (fs::is_directory(status)) return cannot_read(path, "it is a folder; give a trace in it");
  if (!fs::is_regular_file(status)) return cannot_read(path, "it is not a regular file");
  if (::access(path.c_str(), R_OK) != 0) {
    return cannot_read(path, "no permission; check the rights of the file");
  }
  return {};
}

// "ELBT" at its place in the file; without SQLite, which may write to what it opens.
bool is_marked_as_trace(const fs::path& path) {
  constexpr std::streamoff kApplicationIdAt = 68;
  std::ifstream file(path, std::ios::binary);
  file.seekg(kApplicationIdAt);
  std::array<unsigned char, 4> bytes{};
  std::int64_t id = 0;
  for (unsigned char& byte : bytes) {
    byte = static_cast<unsigned char>(file.get());
    id = id << 8 | byte;
  }
  return file.good() && id == kApplicationId;
}

// A run that is killed while it folds its trace into one file leaves a journal, by which only a
// writer may undo that step: a reader would be refused.
void roll_back_what_a_kill_left(const fs::path& path) {
  std::error_code error;
  const auto journal = fs::file_size(path.string() + "-journal", error);
  if (error || journal == 0 || !is_marked_as_trace(path)) return;
  const auto database = Database::open(path, SQLITE_OPEN_READWRITE);
  if (database) pragma(*database, "schema_version");  // any look does it
}

Expected<void> check_kind(const fs::path& path, const Database& database) {
  const auto application = pragma(database, "application_id");
  if (!application) {
    const SqliteError error = database.last_error();
    if (error.code == SQLITE_NOTADB) {
      return cannot_read(path, "it is not an elblab trace; `elblab run` writes traces");
    }
    if (error.code == SQLITE_CANTOPEN || error.code == SQLITE_READONLY) {
      return cannot_read(path,
                         "its run was not finished, and SQLite needs to make files beside it "
                         "to read it; copy it with its -wal file to a folder that can be "
                         "written");
    }
    return damaged(path, error.message);
  }
  if (*application != kApplicationId) {
    return cannot_read(path, "it is not an elblab trace; `elblab run` writes traces");
  }
  const std::int64_t version = pragma(database, "user_version").value_or(0);
  if (version > kSchemaVersion) {
    return cannot_read(path,
                       fmt::format("it has schema version {}, and this elblab reads up to {}; "
                                   "use a newer elblab, or run the scenario again with this "
                                   "one",
                                   version, kSchemaVersion));
  }
  if (version < 1) return damaged(path, "no schema version");
  if (version < kSchemaVersion) {
    return cannot_read(path, fmt::format("it has schema version {} of an older elblab, and this "
                                         "one reads version {}; run the scenario again, or read "
                                         "it with the elblab that wrote it",
                                         version, kSchemaVersion));
  }
  return {};
}

// Of a foreign file. A scenario's text stands in one row, a packet's or a measure's takes far less.
constexpr int kMostRowBytes = 64 << 20;
constexpr std::int64_t kMostNameBytes = 10'000;
// Of a statement: views of views multiply. Our longest has some thousands.
constexpr int kMostInstructions = 1'000'000;

Duration nanoseconds(std::int64_t ns) { return Duration(ns); }

}  // namespace

class Reader::Impl {
 public:
  Expected<void> open(const fs::path& path, const ReadingLimits& limits) {
    path_ = path;
    if (auto checked = check_regular(path); !checked) return checked;
    roll_back_what_a_kill_left(path);
    auto opened = Database::open(path, SQLITE_OPEN_READONLY, needs_immutable(path));
    if (!opened) return cannot_read(path, opened.error().message);
    database_ = std::move(*opened);
    // A run that commits holds its lock for moments only.
    sqlite3_busy_timeout(database_.handle(), 5000);
    sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, kMostRowBytes);
    sqlite3_limit(database_.handle(), SQLITE_LIMIT_VDBE_OP, kMostInstructions);
    database_.limit(limits);
    if (auto checked = check_kind(path, database_); !checked) return checked;
    if (!check_tables() || !read_run()) return what_went_wrong();
    for (const char* table : {"objects", "series"}) {
      if (auto checked = check_extent(table, limits.series); !checked) return checked;
    }
    if (!is_long_enough()) return damaged(path, "the file is shorter than it says");
    return {};
  }

  const RunMetadata& metadata() const { return metadata_; }
  bool complete() const { return complete_; }
  Instant end_of_run() const { return end_of_run_; }

  std::vector<SeriesInfo> series() const {
    std::vector<SeriesInfo> result;
    Statement rows(database_,
                   "SELECT s.id, s.name, ifnull(o.name, ''), s.unit, s.kind FROM series s"
                   " LEFT JOIN objects o ON o.id = s.object ORDER BY s.id");
    each(rows, [&] {
      result.push_back({static_cast<telemetry::SeriesId>(rows.integer(0)),
                        std::string(rows.text(1)), std::string(rows.text(2)),
                        std::string(rows.text(3)),
                        rows.integer(4) == 1 ? SeriesKind::counter : SeriesKind::gauge});
    });
    return result;
  }

  std::vector<Point> samples(telemetry::SeriesId series, Instant from, Instant to) const {
    std::vector<Point> result;
    note(read_samples(database_, series, from, to, result));
    return result;
  }

  std::vector<Bucket> buckets(telemetry::SeriesId series, Instant from, Instant to,
                              std::size_t columns, CurveDetail detail) const {
    std::vector<Bucket> result;
    const Instant end = std::min(to, end_of_run_ + Duration(1));
    note(read_buckets(database_, series, from, end, columns, detail, result));
    return result;
  }

  std::vector<ReasonCount> reason_counts() const {
    std::vector<ReasonCount> result;
    // The writer counts while it writes, and writes the counts last.
    if (complete_) {
      count("event_counts", "n", "kind", "event_kinds", "", result);
      count("connection_counts", "n", "role", "roles", "", result);
    } else {
      count(by_class("events", "event_classes"), "sum(n)", "kind", "event_kinds",
            "GROUP BY object, t.kind, reason", result);
      count(by_class("connections", "connection_classes"), "sum(n)", "role", "roles",
            "GROUP BY object, role, reason", result);
    }
    return result;
  }

  // What `read` gives.
  template <class Row, class Read, class... Arguments>
  std::vector<Row> rows(Read read, const Arguments&... arguments) const {
    std::vector<Row> result;
    note(read(database_, arguments..., result));
    return result;
  }

  std::uint64_t connection_count() const {
    Statement row(database_, "SELECT ifnull(max(id), 0) FROM connections");
    const bool read = row.step() == Step::row;
    note(read);
    return read ? static_cast<std::uint64_t>(row.integer(0)) : 0;
  }

  const Database& database() const { return database_; }

  Decisions decisions() const {
    Decisions result;
    note(read_decisions(database_, result));
    return result;
  }

  std::vector<std::pair<std::string, std::uint64_t>> table_digests() const {
    std::vector<std::pair<std::string, std::uint64_t>> result;
    for (const std::string_view table : tables()) {
      const auto digest = table_digest(database_, table);
      note(digest.has_value());
      result.emplace_back(table, digest.value_or(0));
    }
    return result;
  }

  Query query(std::string_view sql, const std::atomic<bool>* stop) const {
    return Query(database_, sql, stop);
  }

  std::optional<Error> problem() const {
    // A question that nobody noted has failed then, too.
    if (!problem_ && database_.watch()->has_ended()) problem_ = what_went_wrong();
    return problem_;
  }

  void note(bool read) const {
    if (!read && !problem_) problem_ = what_went_wrong();
  }

 private:
  Error what_went_wrong() const {
    const ReadingWatch& watch = *database_.watch();
    if (watch.ran_out()) {
      return cannot_read(path_, fmt::format("{}. Traces of elblab take less, unless they are very "
                                            "large; whose is this one?",
                                            watch.limit_text()));
    }
    if (watch.was_stopped()) return {"stopped"};
    const SqliteError error = database_.last_error();
    // Whoever read gave up, with rows still to come.
    if (error.code == SQLITE_ROW) {
      return cannot_read(path_,
                         "one of its views has more rows than are taken in; no elblab wrote "
                         "that");
    }
    if (error.code == SQLITE_OK || error.code == SQLITE_DONE)
      return damaged(path_, "a table of it is none");
    return damaged(path_, error.message);
  }

  // Names are shown in lists and titles, and every series is looked through for some of them.
  Expected<void> check_extent(std::string_view table, std::size_t most) const {
    Statement row(database_,
                  fmt::format("SELECT count(*), ifnull(max(length(CAST(name AS BLOB))), 0)"
                              " FROM (SELECT name FROM {} LIMIT {})",
                              table, most + 1));
    if (row.step() != Step::row) return what_went_wrong();
    if (row.integer(0) > static_cast<std::int64_t>(most)) {
      return cannot_read(
          path_, fmt::format("it has more than {} {}, which is the limit here", most, table));
    }
    if (row.integer(1) > kMostNameBytes) {
      return cannot_read(path_,
                         fmt::format("a name among its {} is {} bytes long, and the limit is "
                                     "{}; no elblab wrote that",
                                     table, row.integer(1), kMostNameBytes));
    }
    return {};
  }

  template <class Take>
  void each(Statement& rows, Take take) const {
    Step step = rows.step();
    for (; step == Step::row; step = rows.step()) take();
    note(step == Step::done);
  }

  bool read_run() {
    Statement row(database_,
                  "SELECT scenario, run, title, world, scenario_text, effective_yaml, seed,"
                  " duration_ns, sample_interval_ns, wall_program_version, wall_world_version,"
                  " complete, end_of_run_ns FROM run");
    if (row.step() != Step::row) return false;
    metadata_.scenario = row.text(0);
    metadata_.run = row.text(1);
    metadata_.title = row.text(2);
    metadata_.world = row.text(3);
    metadata_.scenario_text = row.text(4);
    metadata_.effective_yaml = row.text(5);
    metadata_.seed = static_cast<std::uint64_t>(row.integer(6));
    metadata_.duration = nanoseconds(row.integer(7));
    metadata_.sample_interval = nanoseconds(row.integer(8));
    metadata_.program_version = row.text(9);
    metadata_.world_version = row.text(10);
    complete_ = row.integer(11) == 1;
    end_of_run_ = Instant(nanoseconds(row.integer(12)));
    return complete_ || read_last_moment();
  }

  // SQLite itself misses that the last page is cut short. While there is a write-ahead log, pages
  // may stand there and not yet in the file.
  bool is_long_enough() const {
    Statement mode(database_, "PRAGMA journal_mode");
    if (mode.step() != Step::row || mode.text(0) == "wal") return true;
    const auto pages = pragma(database_, "page_count").value_or(0);
    const auto page_bytes = pragma(database_, "page_size").value_or(0);
    std::error_code error;
    const auto bytes = fs::file_size(path_, error);
    return !error && bytes >= static_cast<std::uintmax_t>(pages * page_bytes);
  }

  bool read_last_moment() {
    Statement row(database_,
                  "SELECT max(ifnull((SELECT max(at_ns) FROM samples), 0),"
                  " ifnull((SELECT max(at_ns) FROM events), 0),"
                  " ifnull((SELECT max(opened_ns + closed_after_ns) FROM connections), 0))");
    if (row.step() != Step::row) return false;
    end_of_run_ = Instant(nanoseconds(row.integer(0)));
    return true;
  }

  // Tables and no views, which could have rows without an end; a virtual table has no root page
  // (https://www.sqlite.org/schematab.html).
  bool check_tables() const {
    return std::all_of(tables().begin(), tables().end(), [this](std::string_view table) {
      if (!Statement(database_, fmt::format("SELECT 1 FROM {}", table)).ok()) return false;
      Statement row(
          database_,
          "SELECT 1 FROM sqlite_schema WHERE name = ? AND type = 'table' AND rootpage > 0");
      row.bind(1, table);
      return row.step() == Step::row;
    });
  }

  // The rows of a long table counted by class, with what the classes say.
  static std::string by_class(std::string_view table, std::string_view classes) {
    return fmt::format(
        "(SELECT k.*, c.n FROM (SELECT class, count(*) AS n FROM {} GROUP BY class) c"
        " JOIN {} k ON k.id = c.class)",
        table, classes);
  }

  void count(std::string_view table, std::string_view number, std::string_view kind,
             std::string_view kinds, std::string_view group,
             std::vector<ReasonCount>& result) const {
    Statement rows(database_,
                   fmt::format("SELECT ifnull(o.name, ''), ifnull(k.name, t.kind),"
                               " ifnull(r.name, t.reason), t.n FROM"
                               " (SELECT object, {1} AS kind, reason, {2} AS n FROM {0} AS t {4}) t"
                               " LEFT JOIN objects o ON o.id = t.object"
                               " LEFT JOIN {3} k ON k.id = t.kind"
                               " LEFT JOIN reasons r ON r.id = t.reason"
                               " ORDER BY t.object, t.kind, t.reason",
                               table, kind, number, kinds, group));
    each(rows, [&] {
      result.push_back({std::string(rows.text(0)), std::string(rows.text(1)),
                        std::string(rows.text(2)), static_cast<std::uint64_t>(rows.integer(3))});
    });
  }

  fs::path path_;
  Database database_;
  RunMetadata metadata_;
  bool complete_ = false;
  Instant end_of_run_;
  mutable std::optional<Error> problem_;
};

Expected<std::unique_ptr<Reader>> Reader::open(const fs::path& path, const ReadingLimits& limits) {
  auto impl = std::make_unique<Impl>();
  if (auto opened = impl->open(path, limits); !opened) return opened.error();
  return std::unique_ptr<Reader>(new Reader(std::move(impl)));
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

const RunMetadata& Reader::metadata() const { return impl_->metadata(); }
bool Reader::complete() const { return impl_->complete(); }
Instant Reader::end_of_run() const { return impl_->end_of_run(); }
std::vector<SeriesInfo> Reader::series() const { return impl_->series(); }

std::optional<SeriesInfo> Reader::find_series(const std::string& name,
                                              const std::string& object) const {
  for (SeriesInfo& info : impl_->series()) {
    if (info.name == name && info.object == object) return std::move(info);
  }
  return std::nullopt;
}

std::vector<Point> Reader::samples(telemetry::SeriesId series, Instant from, Instant to) const {
  return impl_->samples(series, from, to);
}

std::vector<Bucket> Reader::buckets(telemetry::SeriesId series, Instant from, Instant to,
                                    std::size_t columns, CurveDetail detail) const {
  return impl_->buckets(series, from, to, columns, detail);
}

std::vector<ReasonCount> Reader::reason_counts() const { return impl_->reason_counts(); }

std::vector<EventRow> Reader::events(std::uint64_t first_id, std::size_t most) const {
  return impl_->rows<EventRow>(read_events, first_id, most);
}

std::vector<ConnectionRow> Reader::connections(std::uint64_t first_id, std::size_t most) const {
  return impl_->rows<ConnectionRow>(read_connections, first_id, most);
}

std::uint64_t Reader::connection_count() const { return impl_->connection_count(); }

std::vector<LatencyBucket> Reader::latencies(const std::string& workload, Instant from,
                                             Instant to) const {
  return impl_->rows<LatencyBucket>(read_latencies, workload, from, to);
}

std::vector<TrafficRow> Reader::traffic() const { return impl_->rows<TrafficRow>(read_traffic); }

std::vector<PacketRow> Reader::packets(std::uint64_t first_id, std::size_t most) const {
  return impl_->rows<PacketRow>(read_packets, first_id, most);
}

std::vector<PacketConnectionRow> Reader::packet_connections(std::uint64_t first_id,
                                                            std::size_t most) const {
  return impl_->rows<PacketConnectionRow>(read_packet_connections, first_id, most);
}

std::vector<PacketRow> Reader::packets_of(std::uint64_t connection_id) const {
  return impl_->rows<PacketRow>(read_packets_of, connection_id);
}

std::vector<ConflictRow> Reader::conflicts() const {
  return impl_->rows<ConflictRow>(read_conflicts);
}

Decisions Reader::decisions() const { return impl_->decisions(); }

std::uint64_t Reader::digest() const {
  std::uint64_t digest = 0;
  for (const auto& [table, value] : impl_->table_digests()) digest = combine_digests(digest, value);
  return digest;
}

std::vector<std::pair<std::string, std::uint64_t>> Reader::table_digests() const {
  return impl_->table_digests();
}

Query Reader::query(std::string_view sql, const std::atomic<bool>* stop) const {
  return impl_->query(sql, stop);
}

std::optional<Error> Reader::problem() const { return impl_->problem(); }

const Database& Reader::database() const { return impl_->database(); }

bool Reader::noted(bool read_to_the_end) const {
  impl_->note(read_to_the_end);
  return read_to_the_end;
}

}  // namespace elblab::trace
