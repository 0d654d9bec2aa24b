#include "analysis/trace/table_writer.hpp"

#include <cmath>
#include <utility>

#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {
namespace {

// How long after `from`; wraps at the ends of time, as adding it again does.
std::int64_t ns_after(Instant from, Instant to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ns(to)) -
                                   static_cast<std::uint64_t>(to_ns(from)));
}

// SQLite's integers are signed: a counter beyond 2^63 would look negative, and none gets there.
std::int64_t to_integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

template <class Enum>
std::int64_t code(Enum value) {
  return static_cast<std::int64_t>(value);
}

bool is_empty(const net::FlowKey& flow) {
  const auto empty = [](const net::Endpoint& end) {
    return (end.address.high() | end.address.low() | end.port) == 0;
  };
  return empty(flow.source) && empty(flow.destination);
}

std::uint64_t two_words(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32) | low;
}

template <class... Enums>
std::uint64_t small_codes(Enums... values) {
  std::uint64_t codes = 0;
  ((codes = (codes << 8) | static_cast<std::uint8_t>(values)), ...);
  return codes;
}

}  // namespace

TableWriter::TableWriter(const Database& database)
    : database_(database),
      insert_object_(database, "INSERT INTO objects (id, name, kind, detail) VALUES (?,?,?,?)"),
      insert_series_(database,
                     "INSERT INTO series (id, name, object, unit, kind) VALUES (?,?,?,?,?)"),
      insert_operation_(database,
                        "INSERT INTO operations (requested_ns, applied_ns, balancer, object,"
                        " resource, trace_name, path, old_value, new_value, result)"
                        " VALUES (?,?,?,?,nullif(?,''),nullif(?,''),?,nullif(?,''),nullif(?,''),"
                        "'applied')"),
      events_(database, "events", "at_ns, class, source, destination, value"),
      event_classes_(database, "event", "kind, reason, object, peer, protocol", "kind"),
      connections_(database, "connections",
                   "class, source, destination, translated_source, opened_ns,"
                   "established_after_ns, closed_after_ns, bytes_sent, bytes_received,"
                   "retransmissions"),
      connection_classes_(database, "connection",
                          "object, peer, role, reason, protocol, translated_destination", "role"),
      samples_(database, "samples", "series, at_ns, value"),
      levels_rows_(database, "sample_levels",
                   "series, level, bucket, first_at_ns, last_at_ns, n, min, max, sum, first, last"),
      latencies_(database, "latencies", "object, at_ns, bucket, n"),
      addresses_(database),
      packets_(database, addresses_),
      decisions_(database, addresses_),
      health_(database),
      traffic_(database),
      emit_level_([this](const LevelBucket& bucket) { write_level(bucket); }) {
  ok_ = insert_object_.ok() && insert_series_.ok() && insert_operation_.ok() && addresses_.ok() &&
        events_.ok() && event_classes_.ok() && connections_.ok() && connection_classes_.ok() &&
        samples_.ok() && levels_rows_.ok() && latencies_.ok() && packets_.ok() && decisions_.ok() &&
        health_.ok() && traffic_.ok();
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

OperationRow::OperationRow(const telemetry::OperationRecord& record)
    : requested_at(record.requested_at),
      applied_at(record.applied_at),
      balancer(record.balancer),
      object(record.object),
      resource(record.resource),
      trace_name(record.trace_name),
      path(record.path),
      before(record.before),
      after(record.after) {}

void TableWriter::write(const OperationRow& operation) {
  if (!ok_) return;
  insert_operation_.bind(1, to_ns(operation.requested_at)).bind(2, to_ns(operation.applied_at));
  insert_operation_.bind(3, std::int64_t{operation.balancer});
  insert_operation_.bind(4, std::int64_t{operation.object});
  insert_operation_.bind(5, operation.resource).bind(6, operation.trace_name);
  insert_operation_.bind(7, operation.path).bind(8, operation.before).bind(9, operation.after);
  check(insert_operation_.run());
  ++rows_;
}

std::int64_t TableWriter::class_of(const telemetry::Event& e, bool has_flow) {
  const std::int64_t protocol = has_flow ? code(e.flow.protocol) : 0;
  return event_classes_.class_of(
      {two_words(e.object, e.peer), small_codes(e.kind, e.reason, protocol, has_flow), 0},
      {e.object, code(e.kind), code(e.reason)}, [&] {
        return std::array<Cell, 5>{code(e.kind), code(e.reason), e.object, Cell::id(e.peer),
                                   has_flow ? Cell(protocol) : Cell()};
      });
}

std::int64_t TableWriter::class_of(const telemetry::ConnectionRecord& c,
                                   std::int64_t translated_destination) {
  return connection_classes_.class_of(
      {two_words(c.object, c.peer), small_codes(c.role, c.reason, c.flow.protocol),
       static_cast<std::uint64_t>(translated_destination)},
      {c.object, code(c.role), code(c.reason)}, [&] {
        return std::array<Cell, 6>{
            c.object,       Cell::id(c.peer),      code(c.role),
            code(c.reason), code(c.flow.protocol), Cell::id(translated_destination)};
      });
}

void TableWriter::write(const telemetry::Event& event) {
  if (!ok_) return;
  const bool has_flow = !is_empty(event.flow);
  const std::int64_t class_id = class_of(event, has_flow);
  std::array<Cell, 5> row{to_ns(event.at), class_id, Cell(), Cell(), event.value};
  if (has_flow) {
    row[2] = addresses_.number_of(event.flow.source);
    row[3] = addresses_.number_of(event.flow.destination);
  }
  check(event_classes_.ok() && addresses_.ok());
  // After a failure nothing may be tried: SQLite may have ended the transaction.
  if (!ok_) return;
  check(events_.add(row) && event_classes_.add(class_id, to_ns(event.at), to_ns(event.at)));
  ++rows_;
}

void TableWriter::write(const telemetry::ConnectionRecord& connection) {
  if (!ok_) return;
  // In this order: the addresses are numbered as they come.
  const std::int64_t source = addresses_.number_of(connection.flow.source);
  const std::int64_t destination = addresses_.number_of(connection.flow.destination);
  const bool is_translated = !is_empty(connection.translated);
  const std::int64_t from = is_translated ? addresses_.number_of(connection.translated.source) : 0;
  const std::int64_t to =
      is_translated ? addresses_.number_of(connection.translated.destination) : 0;
  const std::int64_t class_id = class_of(connection, to);
  const Instant opened = connection.opened_at;
  std::array<Cell, 10> row{class_id,
                           source,
                           destination,
                           Cell::id(from),
                           to_ns(opened),
                           Cell(),
                           ns_after(opened, connection.closed_at),
                           to_integer(connection.bytes_sent),
                           to_integer(connection.bytes_received),
                           connection.retransmissions};
  if (connection.established_at != kNever) {
    row[5] = ns_after(opened, connection.established_at);
  }
  check(connection_classes_.ok() && addresses_.ok());
  if (!ok_) return;
  check(connections_.add(row) &&
        connection_classes_.add(class_id, to_ns(opened), to_ns(connection.closed_at)));
  if (connection.role == telemetry::ConnectionRole::session) {
    traffic_.add(connection, source >> 16);
  }
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

void TableWriter::write(const telemetry::LatencyCount& latency) {
  if (!ok_) return;
  check(latencies_.add(
      std::array<Cell, 4>{latency.object, to_ns(latency.at), latency.bucket, latency.n}));
  ++rows_;
}

void TableWriter::write(const telemetry::PacketRecord& packet) {
  if (!ok_) return;
  check(packets_.write(packet) && addresses_.ok());
  ++rows_;
}

void TableWriter::write(const telemetry::PacketConnection& connection) {
  if (!ok_) return;
  check(packets_.write(connection) && addresses_.ok());
  ++rows_;
}

void TableWriter::write(const telemetry::DecisionRecord& decision) {
  if (!ok_) return;
  check(decisions_.write(decision, packets_.connection()) && addresses_.ok());
  rows_ += 1 + decision.kept;
}

void TableWriter::write(const telemetry::ProbeRecord& probe) {
  if (!ok_) return;
  check(health_.write(probe));
  ++rows_;
}

void TableWriter::write(const telemetry::HealthRecord& change) {
  if (!ok_) return;
  check(health_.write(change));
  ++rows_;
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

void TableWriter::flush() {
  for (BatchInsert* insert : {&connections_, &events_, &samples_, &levels_rows_, &latencies_}) {
    if (ok_) check(insert->flush());
  }
  if (ok_) check(packets_.flush());
  if (ok_) check(decisions_.flush());
  if (ok_) check(health_.flush());
  for (ClassedRows* classes : {&connection_classes_, &event_classes_}) {
    if (ok_) check(classes->flush());
  }
}

void TableWriter::finish() {
  for (SeriesLevels& levels : levels_) {
    if (ok_) levels.finish(emit_level_);
  }
  for (ClassedRows* classes : {&connection_classes_, &event_classes_}) {
    if (ok_) check(classes->finish());
  }
  if (ok_) check(traffic_.finish());
  flush();
}

std::uint64_t TableWriter::take_row_count() { return std::exchange(rows_, 0); }

}  // namespace elblab::trace
