// Turns records into rows of the tables, in the order in which they come.
//
// Belongs to the writer thread. Everything here depends on the records alone, never on time:
// equal records give equal rows with equal rowids. A call after a failure does nothing; the
// Database has the reason.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/trace/address_rows.hpp"
#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/classed_rows.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/decision_rows.hpp"
#include "analysis/trace/health_rows.hpp"
#include "analysis/trace/packet_rows.hpp"
#include "analysis/trace/resolution.hpp"
#include "analysis/trace/traffic_counts.hpp"
#include "analysis/trace/writer.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

struct Sample {
  telemetry::SeriesId series = 0;
  Instant at;
  double value = 0;
};

// An OperationRecord with texts of its own.
struct OperationRow {
  explicit OperationRow(const telemetry::OperationRecord& record);
  Instant requested_at;
  Instant applied_at;
  telemetry::ObjectId balancer = 0;
  telemetry::ObjectId object = 0;
  std::string resource;
  std::string trace_name;
  std::string path;
  std::string before;
  std::string after;
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
  void write(const telemetry::LatencyCount& latency);
  void write(const telemetry::PacketRecord& packet);
  void write(const telemetry::PacketConnection& connection);
  void write(const OperationRow& operation);
  // Of the connection that is written next.
  void write(const telemetry::DecisionRecord& decision);
  void write(const telemetry::ProbeRecord& probe);
  void write(const telemetry::HealthRecord& change);

  // Hands all rows to SQLite; the caller commits.
  void flush();
  // The last rows: open buckets of the levels, the last blocks, counts, traffic. Then flush().
  void finish();

  // Writes nothing from now on.
  void give_up() { ok_ = false; }

  bool ok() const { return ok_; }
  // Rows written to the large tables since the last call.
  std::uint64_t take_row_count();

 private:
  void check(bool written) { ok_ = ok_ && written; }
  // `translated_destination`: as endpoint(), 0 for none.
  std::int64_t class_of(const telemetry::ConnectionRecord& connection,
                        std::int64_t translated_destination);
  std::int64_t class_of(const telemetry::Event& event, bool has_flow);
  void write_level(const LevelBucket& bucket);

  const Database& database_;
  Statement insert_object_;
  Statement insert_series_;
  Statement insert_operation_;
  BatchInsert events_;
  ClassedRows event_classes_;
  BatchInsert connections_;
  ClassedRows connection_classes_;
  BatchInsert samples_;
  BatchInsert levels_rows_;
  BatchInsert latencies_;
  AddressRows addresses_;
  PacketRows packets_;
  DecisionRows decisions_;
  HealthRows health_;
  TrafficCounts traffic_;
  std::vector<SeriesLevels> levels_;  // of series id - 1
  SeriesLevels::Emit emit_level_;
  std::uint64_t rows_ = 0;
  bool ok_ = true;
};

}  // namespace elblab::trace
