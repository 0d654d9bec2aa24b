#include "gui/connections/connection_columns.hpp"

#include <array>

namespace elblab::gui {
namespace {

using Row = trace::ConnectionRow;
using Order = trace::ConnectionColumn;

QString words(const std::string& name) {
  return QString::fromStdString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString text(const std::string& name) { return QString::fromStdString(name); }

QString seconds(Duration time, int digits) {
  return QString::number(std::chrono::duration<double>(time).count(), 'f', digits);
}

QString milliseconds(Duration time) {
  return QString::number(std::chrono::duration<double, std::milli>(time).count(), 'f', 2);
}

QString count(std::uint64_t number) { return QString::number(number); }

QString towards_server(const Row& row) {
  if (row.translated_destination.empty()) return {};
  return text(row.translated_source) + QStringLiteral(" → ") + text(row.translated_destination);
}

constexpr std::array kColumns{
    ConnectionColumnInfo{"#", "Its number in the trace, in the order of ends", Order::id, 8, true,
                         [](const Row& row) { return count(row.id); }},
    ConnectionColumnInfo{"opened (s)", "When it was opened, seconds of the run", Order::opened_at,
                         10, true,
                         [](const Row& row) { return seconds(row.opened_at - kStart, 4); }},
    ConnectionColumnInfo{"seen by", "Who saw it", Order::object, 8, false,
                         [](const Row& row) { return text(row.object); }},
    ConnectionColumnInfo{"as",
                         "client, server, session of the balancer, or translation of a NAT box",
                         Order::role, 8, false, [](const Row& row) { return text(row.role); }},
    ConnectionColumnInfo{"ended", "How it ended", Order::reason, 20, false,
                         [](const Row& row) { return words(row.reason); }},
    ConnectionColumnInfo{"source", "The client's end, as seen there", Order::source, 20, false,
                         [](const Row& row) { return text(row.source); }},
    ConnectionColumnInfo{"destination", "The server's end, as seen there", Order::destination, 19,
                         false, [](const Row& row) { return text(row.destination); }},
    ConnectionColumnInfo{"server", "The server the balancer chose", Order::peer, 8, false,
                         [](const Row& row) { return text(row.peer); }},
    ConnectionColumnInfo{
        "connect (ms)", "From SYN to established; – if never", Order::connect_time, 11, true,
        [](const Row& row) {
          return row.established_at == kNever ? QStringLiteral("–")
                                              : milliseconds(row.established_at - row.opened_at);
        }},
    ConnectionColumnInfo{"lasted (s)", "From opening to the end", Order::duration, 10, true,
                         [](const Row& row) { return seconds(row.closed_at - row.opened_at, 4); }},
    ConnectionColumnInfo{"sent (B)", "Payload sent; of a session: client to server",
                         Order::bytes_sent, 9, true,
                         [](const Row& row) { return count(row.bytes_sent); }},
    ConnectionColumnInfo{"received (B)", "Payload received; of a session: server to client",
                         Order::bytes_received, 10, true,
                         [](const Row& row) { return count(row.bytes_received); }},
    ConnectionColumnInfo{"retrans.", "Segments sent again", Order::retransmissions, 7, true,
                         [](const Row& row) { return count(row.retransmissions); }},
    ConnectionColumnInfo{"closed (s)", "When it ended, seconds of the run", Order::closed_at, 10,
                         true, [](const Row& row) { return seconds(row.closed_at - kStart, 4); }},
    ConnectionColumnInfo{"protocol", "tcp or udp", Order::protocol, 7, false,
                         [](const Row& row) { return text(row.protocol); }},
    ConnectionColumnInfo{"towards the server", "The ends after the balancer rewrote them",
                         Order::peer, 38, false, &towards_server},
};

}  // namespace

std::span<const ConnectionColumnInfo> connection_columns() { return kColumns; }

bool ended_badly(const trace::ConnectionRow& row) {
  return row.reason != "none" && row.reason != "run_ended" && row.reason != "idle_timeout" &&
         !row.reason.starts_with("closed_by_");
}

}  // namespace elblab::gui
