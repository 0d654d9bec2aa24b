#include "analysis/trace/writer.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "analysis/trace/conflict_rows.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/record_ring.hpp"
#include "analysis/trace/schema.hpp"
#include "analysis/trace/table_writer.hpp"
#include "analysis/trace/trace_file.hpp"

namespace elblab::trace {
namespace {

using WallClock = std::chrono::steady_clock;

constexpr std::uint64_t kRowsPerCommit = 100'000;
constexpr std::chrono::milliseconds kCommitInterval{1000};
constexpr std::chrono::milliseconds kPatience{250};

// Registrations have texts of any length, as operations have (OperationRow): they pass through the
// ring as a pointer that the consumer owns.
struct ObjectRegistration {
  telemetry::ObjectId id;
  std::string name;
  ObjectKind kind;
  std::string detail;
};

struct SeriesRegistration {
  telemetry::SeriesId id;
  std::string name;
  telemetry::ObjectId object;
  std::string unit;
  SeriesKind kind;
};

template <class Record>
Record read_record(const std::byte* bytes) {
  Record record;
  std::memcpy(&record, bytes, sizeof record);
  return record;
}

}  // namespace

class Writer::Impl {
 public:
  Impl(std::filesystem::path path, BegunTrace trace)
      : path_(std::move(path)),
        claim_(std::move(trace.claim)),
        database_(std::move(trace.database)),
        tables_(std::in_place, database_),
        thread_([this] { consume(); }) {}

  ~Impl() { stop(); }

  telemetry::ObjectId add_object(std::string_view name, ObjectKind kind, std::string_view detail) {
    if (stopped_) return 0;
    const telemetry::ObjectId id = ++objects_;
    ring_.push(RecordTag::object,
               new ObjectRegistration{id, std::string(name), kind, std::string(detail)});
    return id;
  }

  telemetry::SeriesId add_series(std::string_view name, telemetry::ObjectId object,
                                 std::string_view unit, SeriesKind kind) {
    if (stopped_) return 0;
    const telemetry::SeriesId id = ++series_;
    ring_.push(RecordTag::series,
               new SeriesRegistration{id, std::string(name), object, std::string(unit), kind});
    return id;
  }

  void operation(const telemetry::OperationRecord& operation) {
    if (!stopped_) ring_.push(RecordTag::operation, new OperationRow(operation));
  }

  template <class Record>
  void push(RecordTag tag, const Record& record) {
    if (!stopped_) ring_.push(tag, record);
  }

  void sample(telemetry::SeriesId series, Instant at, double value) {
    if (series == 0 || series > series_) {
      if (failed()) return;
      fail(
          {fmt::format("cannot write the trace '{}': a sample came for series {}, of {} registered;"
                       " this is a mistake in the program, please report it",
                       path_.string(), series, series_)});
      return;
    }
    push(RecordTag::sample, Sample{series, at, value});
  }

  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  Expected<void> finish(Instant end_of_run) {
    if (!stopped_) {
      stop();
      if (!failed()) note(complete(end_of_run));
      // By its path SQLite finds the write-ahead log: not to fold another trace's.
      if (!failed() && !claim_.is_at(path_)) fail(gone_away());
      if (!failed()) note(fold());
      tables_.reset();
      database_.close();
    }
    const std::lock_guard lock(error_mutex_);
    if (error_) return *error_;
    return {};
  }

 private:
  // Ends the thread after it has written everything pushed so far.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    ring_.close();
    thread_.join();
  }

  void fail(Error error) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::move(error);
    failed_.store(true, std::memory_order_relaxed);
  }

  void note(const Expected<void, SqliteError>& written) {
    if (!written) fail(why_not(written.error()));
  }

  // SQLite finds that its file has gone away, too, and calls it read-only.
  Error why_not(const SqliteError& error) const {
    return claim_.is_at(path_) ? write_error(path_, error) : gone_away();
  }

  // The writer thread. After a failure it goes on taking records, so that the producer never
  // waits for it, and forgets them.
  void consume() {
    for (;;) {
      const RecordRing::Taken taken = ring_.take(kPatience);
      if (taken.bytes.empty() && taken.closed) break;
      write_records(taken.bytes);
      ring_.release();
      commit_when_due();
    }
    note(commit());
  }

  void write_records(std::span<const std::byte> bytes) {
    // After a COMMIT that failed SQLite has no transaction open: rows would go on arriving, behind
    // a gap.
    if (failed()) tables_->give_up();
    for (std::size_t at = 0; at < bytes.size();) {
      const auto header = read_record<RecordHeader>(bytes.data() + at);
      write_record(header.tag, bytes.data() + at + sizeof header);
      at += header.size_bytes;
    }
    if (!tables_->ok() && !failed()) fail(why_not(database_.last_error()));
  }

  void write_record(RecordTag tag, const std::byte* bytes) {
    switch (tag) {
      case RecordTag::padding:
        return;
      case RecordTag::event:
        return tables_->write(read_record<telemetry::Event>(bytes));
      case RecordTag::connection:
        return tables_->write(read_record<telemetry::ConnectionRecord>(bytes));
      case RecordTag::sample:
        return tables_->write(read_record<Sample>(bytes));
      case RecordTag::latency:
        return tables_->write(read_record<telemetry::LatencyCount>(bytes));
      case RecordTag::packet:
        return tables_->write(read_record<telemetry::PacketRecord>(bytes));
      case RecordTag::packet_connection:
        return tables_->write(read_record<telemetry::PacketConnection>(bytes));
      case RecordTag::decision:
        return tables_->write(read_record<telemetry::DecisionRecord>(bytes));
      case RecordTag::probe:
        return tables_->write(read_record<telemetry::ProbeRecord>(bytes));
      case RecordTag::health:
        return tables_->write(read_record<telemetry::HealthRecord>(bytes));
      case RecordTag::object: {
        const std::unique_ptr<ObjectRegistration> o(read_record<ObjectRegistration*>(bytes));
        return tables_->write_object(o->id, o->name, o->kind, o->detail);
      }
      case RecordTag::series: {
        const std::unique_ptr<SeriesRegistration> s(read_record<SeriesRegistration*>(bytes));
        return tables_->write_series(s->id, s->name, s->object, s->unit, s->kind);
      }
      case RecordTag::operation: {
        const std::unique_ptr<OperationRow> operation(read_record<OperationRow*>(bytes));
        return tables_->write(*operation);
      }
    }
  }

  void commit_when_due() {
    uncommitted_ += tables_->take_row_count();
    if (uncommitted_ == 0 || failed()) return;
    if (uncommitted_ < kRowsPerCommit && WallClock::now() - committed_at_ < kCommitInterval) return;
    note(commit());
  }

  // The next transaction begins at once: the write lock says that a run is writing this file.
  Expected<void, SqliteError> commit() {
    uncommitted_ = 0;
    committed_at_ = WallClock::now();
    if (failed()) return {};  // said already
    tables_->flush();
    if (!tables_->ok()) return database_.last_error();
    return database_.execute("COMMIT; BEGIN IMMEDIATE");
  }

  Error gone_away() const {
    return {
        fmt::format("the trace '{}' was removed or replaced while its run was writing it, and "
                    "is lost; run again",
                    path_.string())};
  }

  // After the thread's end: the last rows, indices, and only then the mark that all is there.
  Expected<void, SqliteError> complete(Instant end_of_run) {
    tables_->finish();
    if (!tables_->ok() || !write_conflicts(database_)) return database_.last_error();
    if (auto indexed = database_.execute(create_indices_sql()); !indexed) return indexed;
    Statement mark(database_, "UPDATE run SET complete = 1, end_of_run_ns = ?, wall_seconds = ?");
    mark.bind(1, std::int64_t{end_of_run.time_since_epoch().count()});
    mark.bind(2, std::chrono::duration<double>(WallClock::now() - started_at_).count());
    if (!mark.run()) return database_.last_error();
    return database_.execute("COMMIT");
  }

  // One file that opens anywhere, read-only too. A reader that is looking right now keeps the
  // write-ahead log alive: the trace is whole all the same, and stays in two files.
  Expected<void, SqliteError> fold() {
    sqlite3_busy_timeout(database_.handle(), 1000);
    auto folded = database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    if (folded) folded = database_.execute("PRAGMA journal_mode=DELETE");
    const bool is_read =
        !folded && (folded.error().code == SQLITE_BUSY || folded.error().code == SQLITE_LOCKED);
    return is_read ? Expected<void, SqliteError>() : folded;
  }

  const std::filesystem::path path_;
  const WallClock::time_point started_at_ = WallClock::now();
  telemetry::ObjectId objects_ = 0;
  telemetry::SeriesId series_ = 0;
  bool stopped_ = false;
  std::atomic<bool> failed_{false};
  std::mutex error_mutex_;
  std::optional<Error> error_;

  RecordRing ring_;
  TraceClaim claim_;
  // The writer thread's until stop().
  Database database_;
  std::optional<TableWriter> tables_;  // until the end: its statements hold the file open
  std::uint64_t uncommitted_ = 0;
  WallClock::time_point committed_at_ = WallClock::now();
  std::thread thread_;
};

Expected<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& path,
                                               const RunMetadata& metadata) {
  auto trace = begin_trace(path, metadata);
  if (!trace) return trace.error();
  return std::unique_ptr<Writer>(new Writer(std::make_unique<Impl>(path, std::move(*trace))));
}

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::~Writer() = default;

telemetry::ObjectId Writer::add_object(std::string_view name, ObjectKind kind,
                                       std::string_view detail) {
  return impl_->add_object(name, kind, detail);
}

telemetry::SeriesId Writer::add_series(std::string_view name, telemetry::ObjectId object,
                                       std::string_view unit, SeriesKind kind) {
  return impl_->add_series(name, object, unit, kind);
}

void Writer::record(const telemetry::Event& event) { impl_->push(RecordTag::event, event); }

void Writer::record(const telemetry::ConnectionRecord& connection) {
  impl_->push(RecordTag::connection, connection);
}

void Writer::sample(telemetry::SeriesId series, Instant at, double value) {
  impl_->sample(series, at, value);
}

void Writer::latency(const telemetry::LatencyCount& latency) {
  impl_->push(RecordTag::latency, latency);
}

void Writer::packet(const telemetry::PacketRecord& packet) {
  impl_->push(RecordTag::packet, packet);
}

void Writer::packet_connection(const telemetry::PacketConnection& connection) {
  impl_->push(RecordTag::packet_connection, connection);
}

void Writer::operation(const telemetry::OperationRecord& operation) { impl_->operation(operation); }

void Writer::decision(const telemetry::DecisionRecord& decision) {
  impl_->push(RecordTag::decision, decision);
}

void Writer::probe(const telemetry::ProbeRecord& probe) { impl_->push(RecordTag::probe, probe); }

void Writer::health(const telemetry::HealthRecord& change) {
  impl_->push(RecordTag::health, change);
}

bool Writer::failed() const { return impl_->failed(); }

Expected<void> Writer::finish(Instant end_of_run) { return impl_->finish(end_of_run); }

}  // namespace elblab::trace
