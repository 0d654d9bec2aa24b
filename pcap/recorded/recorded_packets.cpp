#include "pcap/recorded/recorded_packets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

#include "models/net/packet_builder.hpp"

namespace elblab::pcap {
namespace {

using trace::QueryCell;

// IPv6 and TCP headers with all options.
constexpr std::size_t kMostHeader = 40 + 60;
constexpr std::size_t kMostPayload = net::kLargestPacket - kMostHeader;

// Columns of the query, in its order.
enum Column : std::size_t {
  kAt,
  kProtocol,
  kSource,
  kSourcePort,
  kDestination,
  kDestinationPort,
  kFlags,
  kSequence,
  kAcknowledgment,
  kWindow,
  kPayload,
  kMss,
  kTimestampValue,
  kTimestampEcho,
};

std::string sql_text(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result.append(c == '\'' ? 2 : 1, c);
  return result + "'";
}

// What packets_of() finds for the connection; a number that none has where it finds nothing.
std::string connection_condition(const trace::Reader& trace,
                                 const std::optional<std::uint64_t>& connection) {
  if (!connection) return {};
  std::set<std::uint64_t> found{0};
  for (const auto& packet : trace.packets_of(*connection)) found.insert(packet.connection);
  return fmt::format(" AND p.connection IN ({})", fmt::join(found, ", "));
}

std::string query_text(const trace::Reader& trace, const RecordedSelection& selection) {
  return fmt::format(
      "SELECT p.at_ns, p.protocol, a.address, p.source & 65535, b.address, p.destination & 65535,"
      " p.tcp_flags, p.sequence, p.acknowledgment, p.window, p.payload_bytes, p.mss,"
      " p.timestamp_value, p.timestamp_echo FROM packets p"
      " JOIN addresses a ON a.id = p.source >> 16 JOIN addresses b ON b.id = p.destination >> 16"
      " WHERE p.object IN (SELECT o.id FROM objects o JOIN object_kinds k ON k.id = o.kind"
      " WHERE o.name = {} AND k.name <> 'link')"
      " AND p.action <> (SELECT id FROM packet_actions WHERE name = 'dropped'){}"
      " ORDER BY p.at_ns, p.id",
      sql_text(selection.place), connection_condition(trace, selection.connection));
}

template <class Number>
Number number(std::span<const QueryCell> row, Column column) {
  return static_cast<Number>(trace::to_integer(row[column]));
}

class PacketBuilder {
 public:
  // The packet of a row; empty when its addresses are none.
  std::span<const std::uint8_t> build(std::span<const QueryCell> row) {
    const auto source = net::IpAddress::parse(trace::to_text(row[kSource]));
    const auto destination = net::IpAddress::parse(trace::to_text(row[kDestination]));
    if (!source || !destination || source->is_v4() != destination->is_v4()) return {};
    net::IpFields ip;
    ip.source = *source;
    ip.destination = *destination;
    const std::size_t payload = std::min(number<std::size_t>(row, kPayload), kMostPayload);
    const auto zeros = std::span(zeros_).first(payload);
    const auto protocol = number<std::uint8_t>(row, kProtocol);
    std::size_t size = 0;
    if (protocol == static_cast<std::uint8_t>(net::Protocol::tcp)) {
      size = net::build_tcp(packet_, ip, tcp_fields(row), zeros);
    } else if (protocol == static_cast<std::uint8_t>(net::Protocol::udp)) {
      size = net::build_udp(packet_, ip, number<std::uint16_t>(row, kSourcePort),
                            number<std::uint16_t>(row, kDestinationPort), zeros);
    }
    return std::span(packet_).first(size);
  }

 private:
  static net::TcpFields tcp_fields(std::span<const QueryCell> row) {
    net::TcpFields tcp;
    tcp.source_port = number<std::uint16_t>(row, kSourcePort);
    tcp.destination_port = number<std::uint16_t>(row, kDestinationPort);
    tcp.sequence = number<std::uint32_t>(row, kSequence);
    tcp.acknowledgment = number<std::uint32_t>(row, kAcknowledgment);
    tcp.flags = number<std::uint8_t>(row, kFlags);
    tcp.window = number<std::uint16_t>(row, kWindow);
    if (!trace::is_null(row[kMss])) tcp.options.mss = number<std::uint16_t>(row, kMss);
    if (!trace::is_null(row[kTimestampValue])) {
      tcp.options.timestamps = net::TcpTimestamps{number<std::uint32_t>(row, kTimestampValue),
                                                  number<std::uint32_t>(row, kTimestampEcho)};
    }
    return tcp;
  }

  std::vector<std::uint8_t> packet_ = std::vector<std::uint8_t>(net::kLargestPacket);
  std::vector<std::uint8_t> zeros_ = std::vector<std::uint8_t>(kMostPayload);
};

}  // namespace

RecordedCapture write_recorded_packets(const trace::Reader& trace,
                                       const RecordedSelection& selection, Writer& writer,
                                       const std::atomic<bool>* stop) {
  RecordedCapture result;
  PacketBuilder builder;
  auto query = trace.query(query_text(trace, selection), stop);
  while (!writer.failed() && query.next()) {
    const auto packet = builder.build(query.row());
    if (packet.empty()) continue;
    const auto kept = packet.first(std::min<std::size_t>(packet.size(), selection.snap_length));
    writer.write_at(number<std::int64_t>(query.row(), kAt), kept,
                    static_cast<std::uint32_t>(packet.size()));
    ++result.packets;
  }
  if (const auto& problem = query.problem()) {
    result.stopped = problem->kind == trace::QueryProblem::Kind::stopped;
    result.problem = problem->message;
  }
  return result;
}

}  // namespace elblab::pcap
