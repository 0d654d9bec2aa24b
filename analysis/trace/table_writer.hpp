// Turns records into rows of the tables, in the order in which they come.
//
// Belongs to the writer thread. Everything here depends on the records alone, never on time:
// equal records give equal rows with equal rowids. A call after a failure does nothing; the
// Database has the reason.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/trace/address_interner.hpp"
#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/resolution.hpp"
#include "analysis/trace/writer.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

struct Sample {
  telemetry::SeriesId series = 0;
  Instant at;
  double value = 0;
};

class TableWriter {
 public:
  // The tables must exist. The database must outlive this object.
  explicit TableWriter(const Database& database);

  void write_object(telemetry::ObjectId id, const std::string& name, ObjectKind kind,
                    const std::string& detail);
  void write_series(telemetry::SeriesId id, const std::string& name, telemetry::ObjectId object,
                    const std::string& unit, SeriesKind kind);
  void write(const telemetry::Event& event);
  void write(const telemetry::ConnectionRecord& connection);
  // The series must have been written. A value that is not a number stands as NULL ("nothing was
  // measured") and counts in no level.
  void write(const Sample& sample);

  // Hands all rows to SQLite; the caller commits.
  void flush();
  // The last rows: open buckets of the levels, the counts by reason. Then flush().
  void finish();

  // Writes nothing from now on.
  void give_up() { ok_ = false; }

  bool ok() const { return ok_; }
  // Rows written to the large tables since the last call.
  std::uint64_t take_row_count();

 private:
  static constexpr std::size_t kEventColumns = 11;
  static constexpr std::size_t kConnectionColumns = 19;
  // object, kind or role, reason -> how often.
  using Counts = std::unordered_map<std::uint64_t, std::uint64_t>;

  void check(bool written) { ok_ = ok_ && written; }
  std::int64_t address_id(const net::IpAddress& address);
  // Protocol, source, port, destination, port: five cells from `at` on.
  template <std::size_t N>
  void put_flow(std::array<Cell, N>& row, std::size_t at, const net::FlowKey& flow);
  void write_level(const LevelBucket& bucket);
  void write_counts(const Counts& counts, BatchInsert& insert);

  const Database& database_;
  Statement insert_object_;
  Statement insert_series_;
  Statement insert_address_;
  BatchInsert events_;
  BatchInsert connections_;
  BatchInsert samples_;
  BatchInsert levels_rows_;
  BatchInsert event_counts_rows_;
  BatchInsert connection_counts_rows_;
  AddressInterner addresses_;
  std::vector<SeriesLevels> levels_;  // of series id - 1
  SeriesLevels::Emit emit_level_;
  Counts event_counts_;
  Counts connection_counts_;
  std::uint64_t rows_ = 0;
  bool ok_ = true;
};

}  // namespace elblab::trace
