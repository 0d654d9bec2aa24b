#include "analysis/trace/packet_query.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {
namespace {

template <class Number>
Number number(const Statement& row, int column) {
  return static_cast<Number>(row.integer(column));
}

PacketRow packet_of(const Statement& row) {
  PacketRow p;
  p.id = number<std::uint64_t>(row, 0);
  p.connection = number<std::uint64_t>(row, 1);
  p.at = to_instant(row.integer(2));
  p.object = row.text(3);
  p.action = static_cast<telemetry::PacketAction>(row.integer(4));
  p.reason = row.text(5);
  p.protocol = row.text(6);
  p.source = row.text(7);
  p.destination = row.text(8);
  p.tcp_flags = number<std::uint8_t>(row, 9);
  p.sequence = number<std::uint32_t>(row, 10);
  p.acknowledgment = number<std::uint32_t>(row, 11);
  p.window = number<std::uint16_t>(row, 12);
  p.payload_bytes = number<std::uint32_t>(row, 13);
  p.mss = number<std::uint16_t>(row, 14);
  p.has_timestamps = !row.is_null(15);
  p.timestamp_value = number<std::uint32_t>(row, 15);
  p.timestamp_echo = number<std::uint32_t>(row, 16);
  return p;
}

// Packets with ids ?1 <= id < ?2.
constexpr std::string_view kPackets =
    "SELECT p.id, p.connection, p.at_ns, v.object, p.action, ifnull(v.reason, ''), v.protocol,"
    " v.source, v.destination, p.tcp_flags, p.sequence, p.acknowledgment, p.window,"
    " p.payload_bytes, p.mss, p.timestamp_value, p.timestamp_echo"
    " FROM packets p JOIN packets_view v ON v.id = p.id WHERE p.id >= ?1 AND p.id < ?2"
    " ORDER BY p.id";

bool read_range(const Database& database, std::int64_t first, std::int64_t end,
                std::vector<PacketRow>& rows) {
  Statement query(database, kPackets);
  if (!query.ok()) return false;
  query.bind(1, first).bind(2, end);
  Step step = query.step();
  for (; step == Step::row; step = query.step()) rows.push_back(packet_of(query));
  return step == Step::done;
}

// The connection with packets whose flow, seen from the client's or the server's side (columns), is
// that of connection ?1, and which began nearest to it. Ports are used again: those that had ended
// before, or began after, are others.
std::string packets_like(std::string_view source, std::string_view destination) {
  return fmt::format(
      "SELECT p.first_packet, p.last_packet FROM connections c"
      " JOIN connection_classes k ON k.id = c.class"
      " JOIN packet_connections p ON p.{0} = c.source AND p.{1} = c.destination"
      " AND p.protocol = k.protocol"
      " WHERE c.id = ?1 AND p.first_ns <= c.opened_ns + c.closed_after_ns"
      " AND p.last_ns >= c.opened_ns ORDER BY abs(p.first_ns - c.opened_ns) LIMIT 1",
      source, destination);
}

struct IdRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

// False: cannot be read.
bool find_range(const Database& database, const std::string& sql, std::uint64_t connection,
                std::optional<IdRange>& range) {
  Statement query(database, sql);
  if (!query.ok()) return false;
  query.bind(1, static_cast<std::int64_t>(connection));
  const Step step = query.step();
  if (step == Step::row) range = IdRange{query.integer(0), query.integer(1)};
  return step != Step::error;
}

}  // namespace

bool read_packets(const Database& database, std::uint64_t first_id, std::size_t most,
                  std::vector<PacketRow>& rows) {
  const auto first = static_cast<std::int64_t>(first_id);
  return read_range(database, first, first + static_cast<std::int64_t>(most), rows);
}

bool read_packet_connections(const Database& database, std::uint64_t first_id, std::size_t most,
                             std::vector<PacketConnectionRow>& rows) {
  Statement query(database,
                  "SELECT v.id, v.choice, v.reason, v.protocol, v.source, v.destination,"
                  " v.translated_source, v.translated_destination, c.first_ns, c.last_ns,"
                  " c.first_packet, c.last_packet, c.left_out"
                  " FROM packet_connections c JOIN packet_connections_view v ON v.id = c.id"
                  " WHERE c.id >= ?1 AND c.id < ?1 + ?2 ORDER BY c.id");
  if (!query.ok()) return false;
  query.bind(1, static_cast<std::int64_t>(first_id)).bind(2, static_cast<std::int64_t>(most));
  Step step = query.step();
  for (; step == Step::row; step = query.step()) {
    rows.push_back(
        {number<std::uint64_t>(query, 0), std::string(query.text(1)), std::string(query.text(2)),
         std::string(query.text(3)), std::string(query.text(4)), std::string(query.text(5)),
         std::string(query.text(6)), std::string(query.text(7)), to_instant(query.integer(8)),
         to_instant(query.integer(9)), number<std::uint64_t>(query, 10),
         number<std::uint64_t>(query, 11), number<std::uint64_t>(query, 12)});
  }
  return step == Step::done;
}

bool read_packets_of(const Database& database, std::uint64_t connection,
                     std::vector<PacketRow>& rows) {
  // A client's and a session's flow are what the client saw; a server's is that or, behind a
  // balancer, the translated one.
  std::optional<IdRange> range;
  if (!find_range(database, packets_like("source", "destination"), connection, range)) return false;
  if (!range && !find_range(database, packets_like("translated_source", "translated_destination"),
                            connection, range)) {
    return false;
  }
  return !range || read_range(database, range->first, range->last + 1, rows);
}

}  // namespace elblab::trace
