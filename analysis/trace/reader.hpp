// Reads a trace, read-only; never changes the file, also while it is being written.
//
// A finished trace is one file that opens from a read-only folder or medium. Beside an incomplete
// one (its run goes on, or was killed) SQLite keeps a -wal file, which belongs to it, and may make
// a -shm file; every query of the same Reader sees the rows committed by then. buckets() reads the
// multi-resolution tables where a range is long. Incomplete traces have no indices: a query reads
// the whole table.
//
// Errors of open() are values with a message that says what the file is and what to do (no trace,
// newer schema, truncated). A file that turns out damaged later gives short answers, and problem()
// says so. One thread at a time. Schema: docs/trace-schema.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/trace/query.hpp"
#include "analysis/trace/rows.hpp"
#include "analysis/trace/writer.hpp"

namespace elblab::trace {

class Database;

struct Point {
  Instant at;
  double value = 0;
};

// The samples of a stretch of time. count == 0: none, the other numbers mean nothing.
struct Bucket {
  Instant from;  // the stretch: from <= at < to
  Instant to;
  std::uint64_t count = 0;
  double first = 0;
  double min = 0;
  double max = 0;
  double last = 0;
  double sum = 0;
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

struct SeriesInfo {
  telemetry::SeriesId id = 0;
  std::string name;
  std::string object;
  std::string unit;
  SeriesKind kind = SeriesKind::gauge;
};

// Responses that took low <= t <= high.
struct LatencyBucket {
  Duration low{};
  Duration high{};
  std::uint64_t count = 0;
  bool operator==(const LatencyBucket&) const = default;
};

struct ReasonCount {
  std::string object;
  std::string
      kind;  // of an event: its kind; of connections: the role, "client", "server", "session"
  std::string reason;
  std::uint64_t count = 0;
};

// How much of a series is read for a curve, per column.
struct CurveDetail {
  std::size_t exact = 64;  // up to so many samples every one is read
  std::size_t rows = 16;   // above: at least so many rows of a level
};
// For a picture that follows the mouse: a sixth of the time, columns off by up to half of one.
inline constexpr CurveDetail kSwift{8, 2};

class Reader {
 public:
  static Expected<std::unique_ptr<Reader>> open(const std::filesystem::path& path,
                                                const ReadingLimits& limits = {});
  ~Reader();

  const RunMetadata& metadata() const;
  // As of open(). An incomplete trace: the last moment that stands in it.
  bool complete() const;
  Instant end_of_run() const;

  std::vector<SeriesInfo> series() const;
  std::optional<SeriesInfo> find_series(const std::string& name, const std::string& object) const;
  // Samples with from <= at < to, in time order, at full resolution. Where nothing was measured (a
  // sample that is not a number) there is no point.
  std::vector<Point> samples(telemetry::SeriesId series, Instant from, Instant to) const;
  // The range cut into `columns` stretches of equal length, for a curve of that many columns; `to`
  // is taken as one nanosecond after the end of the run when it lies beyond it. Exact for up to
  // detail.exact samples per column; above, from the coarsest level that has at least detail.rows
  // rows per column, each row counted in the column where it begins. Time O(columns × detail),
  // whatever the length of the run.
  std::vector<Bucket> buckets(telemetry::SeriesId series, Instant from, Instant to,
                              std::size_t columns, CurveDetail detail = {}) const;
  // Events and connection outcomes, counted by object, kind and reason, over the whole run: events
  // first, each in the order of object, kind, reason.
  std::vector<ReasonCount> reason_counts() const;
  // Up to `most` rows in the order of writing, those with ids from first_id (from 1) on; fewer
  // where the table ends. For walking a long table in pages: O(log rows + most).
  std::vector<EventRow> events(std::uint64_t first_id, std::size_t most) const;
  std::vector<ConnectionRow> connections(std::uint64_t first_id, std::size_t most) const;
  // How many there are, now.
  std::uint64_t connection_count() const;
  // Response times of a workload, or of all together (empty name), in the sample intervals that
  // ended at from <= t < to: buckets with a response in them, shortest first. Histograms of
  // intervals and workloads add up. Empty in a replay: it has no workloads.
  std::vector<LatencyBucket> latencies(const std::string& workload, Instant from, Instant to) const;
  // What each client had from each server, pairs in the order of their first session. Counted
  // while the trace was written, and empty until it is complete.
  std::vector<TrafficRow> traffic() const;
  // Kept packets, in pages as events(); those of one connection follow each other.
  std::vector<PacketRow> packets(std::uint64_t first_id, std::size_t most) const;
  std::vector<PacketConnectionRow> packet_connections(std::uint64_t first_id,
                                                      std::size_t most) const;
  // The packets of a connection by the id of any of its rows: the client's, the balancer's, the
  // server's. In the order of time; empty where they were not kept. O(log rows) when complete.
  std::vector<PacketRow> packets_of(std::uint64_t connection_id) const;
  // Every five-tuple conflict, by time; none in a trace that is not complete.
  std::vector<ConflictRow> conflicts() const;
  // Every scheduler decision, O(events).
  Decisions decisions() const;
  // 64-bit digest over every row of every table, in order, without wall_ columns: equal traces
  // have equal digests. Reads the whole file (about 1 s per million connections).
  std::uint64_t digest() const;
  // The same per table, by name, in the digest's order: where two traces differ.
  std::vector<std::pair<std::string, std::uint64_t>> table_digests() const;
  // A question in SQL (query.hpp), on this reader's connection; it must not outlive the reader.
  Query query(std::string_view sql, const std::atomic<bool>* stop = nullptr) const;
  // Set once a query failed: the file is damaged or went away, or a limit was met.
  std::optional<Error> problem() const;

  // For queries elsewhere in analysis/. Whoever asks tells noted() whether the rows could be read
  // to the end, so that problem() knows; gives back the same.
  const Database& database() const;
  bool noted(bool read_to_the_end) const;

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::trace
