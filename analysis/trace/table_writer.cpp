#include "analysis/trace/table_writer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace elblab::trace {
namespace {

std::int64_t to_ns(Instant t) { return t.time_since_epoch().count(); }

Cell ns_or_never(Instant t) { return t == kNever ? Cell() : Cell(to_ns(t)); }

// SQLite's integers are signed: a counter beyond 2^63 would look negative, and none gets there.
std::int64_t to_integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

template <class Enum>
std::int64_t code(Enum value) {
  return static_cast<std::int64_t>(value);
}

bool is_empty(const net::FlowKey& flow) {
  const auto empty = [](const net::Endpoint& end) {
    return end.port == 0 && end.address == net::IpAddress();
  };
  return empty(flow.source) && empty(flow.destination);
}

template <class Kind>
std::uint64_t count_key(telemetry::ObjectId object, Kind kind, telemetry::Reason reason) {
  return (std::uint64_t{object} << 16) | (std::uint64_t{static_cast<std::uint8_t>(kind)} << 8) |
         static_cast<std::uint8_t>(reason);
}

}  // namespace

TableWriter::TableWriter(const Database& database)
    : database_(database),
      insert_object_(database, "INSERT INTO objects (id, name, kind, detail) VALUES (?,?,?,?)"),
      insert_series_(database,
                     "INSERT INTO series (id, name, object, unit, kind) VALUES (?,?,?,?,?)"),
      insert_address_(database, "INSERT INTO addresses (id, address) VALUES (?,?)"),
      events_(database, "events",
              "at_ns, kind, reason, object, peer, protocol, source, source_port, destination,"
              "destination_port, value"),
      connections_(database, "connections",
                   "object, peer, role, reason, protocol, source, source_port, destination,"
                   "destination_port, translated_source, translated_source_port,"
                   "translated_destination, translated_destination_port, opened_ns,"
                   "established_ns, closed_ns, bytes_sent, bytes_received, retransmissions"),
      samples_(database, "samples", "series, at_ns, value"),
      levels_rows_(database, "sample_levels",
                   "series, level, bucket, first_at_ns, last_at_ns, n, min, max, sum, first, last"),
      event_counts_rows_(database, "event_counts", "object, kind, reason, n"),
      connection_counts_rows_(database, "connection_counts", "object, role, reason, n"),
      emit_level_([this](const LevelBucket& bucket) { write_level(bucket); }) {
  ok_ = insert_object_.ok() && insert_series_.ok() && insert_address_.ok() && events_.ok() &&
        connections_.ok() && samples_.ok() && levels_rows_.ok() && event_counts_rows_.ok() &&
        connection_counts_rows_.ok();
}

void TableWriter::write_object(telemetry::ObjectId id, const std::string& name, ObjectKind kind,
                               const std::string& detail) {
  if (!ok_) return;
  insert_object_.bind(1, std::int64_t{id}).bind(2, name).bind(3, code(kind)).bind(4, detail);
  check(insert_object_.run());
  ++rows_;
}

void TableWriter::write_series(telemetry::SeriesId id, const std::string& name,
                               telemetry::ObjectId object, const std::string& unit,
                               SeriesKind kind) {
  if (!ok_) return;
  insert_series_.bind(1, std::int64_t{id}).bind(2, name).bind(3, std::int64_t{object});
  insert_series_.bind(4, unit).bind(5, code(kind));
  check(insert_series_.run());
  levels_.emplace_back(id);
  ++rows_;
}

std::int64_t TableWriter::address_id(const net::IpAddress& address) {
  bool is_new = false;
  const std::int64_t id = addresses_.id_of(address, is_new);
  if (is_new) check(insert_address_.bind(1, id).bind(2, address.to_string()).run());
  return id;
}

template <std::size_t N>
void TableWriter::put_flow(std::array<Cell, N>& row, std::size_t at, const net::FlowKey& flow) {
  row[at] = code(flow.protocol);
  row[at + 1] = address_id(flow.source.address);
  row[at + 2] = flow.source.port;
  row[at + 3] = address_id(flow.destination.address);
  row[at + 4] = flow.destination.port;
}

void TableWriter::write(const telemetry::Event& event) {
  if (!ok_) return;
  std::array<Cell, kEventColumns> row{};
  row[0] = to_ns(event.at);
  row[1] = code(event.kind);
  row[2] = code(event.reason);
  row[3] = event.object;
  row[4] = Cell::id(event.peer);
  if (!is_empty(event.flow)) put_flow(row, 5, event.flow);
  row[10] = event.value;
  check(events_.add(row));
  ++event_counts_[count_key(event.object, event.kind, event.reason)];
  ++rows_;
}

void TableWriter::write(const telemetry::ConnectionRecord& connection) {
  if (!ok_) return;
  std::array<Cell, kConnectionColumns> row{};
  row[0] = connection.object;
  row[1] = Cell::id(connection.peer);
  row[2] = code(connection.role);
  row[3] = code(connection.reason);
  put_flow(row, 4, connection.flow);
  if (!is_empty(connection.translated)) {
    row[9] = address_id(connection.translated.source.address);
    row[10] = connection.translated.source.port;
    row[11] = address_id(connection.translated.destination.address);
    row[12] = connection.translated.destination.port;
  }
  row[13] = to_ns(connection.opened_at);
  row[14] = ns_or_never(connection.established_at);
  row[15] = to_ns(connection.closed_at);
  row[16] = to_integer(connection.bytes_sent);
  row[17] = to_integer(connection.bytes_received);
  row[18] = connection.retransmissions;
  check(connections_.add(row));
  ++connection_counts_[count_key(connection.object, connection.role, connection.reason)];
  ++rows_;
}

void TableWriter::write(const Sample& sample) {
  if (!ok_) return;
  const bool is_number = !std::isnan(sample.value);
  const std::array<Cell, 3> row{sample.series, to_ns(sample.at),
                                is_number ? Cell(sample.value) : Cell()};
  check(samples_.add(row));
  ++rows_;
  if (is_number) levels_[sample.series - 1].add(sample.at, sample.value, emit_level_);
}

void TableWriter::write_level(const LevelBucket& bucket) {
  const Summary& s = bucket.summary;
  const std::array<Cell, 11> row{bucket.series,
                                 bucket.level,
                                 to_integer(bucket.bucket),
                                 to_ns(s.first_at),
                                 to_ns(s.last_at),
                                 to_integer(s.n),
                                 s.min,
                                 s.max,
                                 s.sum,
                                 s.first,
                                 s.last};
  check(levels_rows_.add(row));
  ++rows_;
}

void TableWriter::write_counts(const Counts& counts, BatchInsert& insert) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [key, n] : sorted) {
    check(insert.add(std::array<Cell, 4>{key >> 16, (key >> 8) & 0xFF, key & 0xFF, n}));
  }
}

void TableWriter::flush() {
  for (BatchInsert* insert : {&connections_, &events_, &samples_, &levels_rows_,
                              &event_counts_rows_, &connection_counts_rows_}) {
    if (ok_) check(insert->flush());
  }
}

void TableWriter::finish() {
  for (SeriesLevels& levels : levels_) {
    if (ok_) levels.finish(emit_level_);
  }
  if (ok_) write_counts(event_counts_, event_counts_rows_);
  if (ok_) write_counts(connection_counts_, connection_counts_rows_);
  flush();
}

std::uint64_t TableWriter::take_row_count() { return std::exchange(rows_, 0); }

}  // namespace elblab::trace
