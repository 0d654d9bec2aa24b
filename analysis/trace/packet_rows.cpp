#include "analysis/trace/packet_rows.hpp"

#include <array>

namespace elblab::trace {
namespace {

using telemetry::PacketConnection;
using telemetry::PacketRecord;
using telemetry::Reason;

template <class Enum>
Cell named(Enum value) {
  return Cell(static_cast<std::int64_t>(value));
}

Cell reason_of(Reason reason) { return reason == Reason::none ? Cell() : named(reason); }

Cell moment(Instant at) { return Cell(at.time_since_epoch().count()); }

bool is_translated(const PacketConnection& c) { return c.translated.destination.port != 0; }

}  // namespace

PacketRows::PacketRows(const Database& database, AddressRows& addresses)
    : addresses_(addresses),
      packets_(database, "packets",
               "connection, at_ns, object, action, reason, protocol, source, destination,"
               "tcp_flags, sequence, acknowledgment, window, payload_bytes, mss, timestamp_value,"
               "timestamp_echo"),
      connections_(database, "packet_connections",
                   "choice, reason, protocol, source, destination, translated_source,"
                   "translated_destination, first_ns, last_ns, first_packet, last_packet,"
                   "left_out") {}

bool PacketRows::write(const PacketRecord& p) {
  ++last_packet_;
  std::array<Cell, 16> row{connection_,
                           moment(p.at),
                           p.object,
                           named(p.action),
                           reason_of(p.reason),
                           named(p.flow.protocol),
                           addresses_.number_of(p.flow.source),
                           addresses_.number_of(p.flow.destination),
                           Cell(),
                           Cell(),
                           Cell(),
                           Cell(),
                           p.payload_bytes,
                           Cell::id(p.mss),
                           Cell(),
                           Cell()};
  if (p.flow.protocol == net::Protocol::tcp) {
    row[8] = p.tcp_flags;
    row[9] = p.sequence;
    row[10] = p.acknowledgment;
    row[11] = p.window;
  }
  if (p.has_timestamps) {
    row[14] = p.timestamp_value;
    row[15] = p.timestamp_echo;
  }
  return packets_.add(row);
}

bool PacketRows::write(const PacketConnection& c) {
  ++connection_;
  const bool translated = is_translated(c);
  const std::array<Cell, 12> row{
      named(c.choice),
      reason_of(c.reason),
      named(c.flow.protocol),
      addresses_.number_of(c.flow.source),
      addresses_.number_of(c.flow.destination),
      translated ? Cell(addresses_.number_of(c.translated.source)) : Cell(),
      translated ? Cell(addresses_.number_of(c.translated.destination)) : Cell(),
      moment(c.first_at),
      moment(c.last_at),
      packets_before_ + 1,
      last_packet_,
      c.left_out};
  packets_before_ = last_packet_;
  return connections_.add(row);
}

}  // namespace elblab::trace
