#include "analysis/trace/row_query.hpp"

#include <map>

#include "analysis/trace/instant_cell.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {
namespace {

std::string text(const Statement& row, int column) { return std::string(row.text(column)); }

// Runs a query over the ids [first_id, first_id + most) and calls take() per row.
template <class Take>
bool by_ids(const Database& database, std::string_view sql, std::uint64_t first_id,
            std::size_t most, Take take) {
  Statement rows(database, sql);
  rows.bind(1, static_cast<std::int64_t>(first_id));
  rows.bind(2, static_cast<std::int64_t>(most));
  Step step = rows.step();
  // More there are only where a view of a stranger's gives one id many times.
  for (std::size_t taken = 0; step == Step::row && taken < most; ++taken, step = rows.step()) {
    take(rows);
  }
  return step == Step::done;
}

// The server that each class of scheduler decisions chose.
bool read_decision_classes(const Database& database, Decisions& decisions,
                           std::map<std::int64_t, std::uint32_t>& server_of_class) {
  Statement rows(database,
                 "SELECT k.id, ifnull(o.name, '') FROM event_classes k"
                 " LEFT JOIN objects o ON o.id = k.peer WHERE k.kind = ? ORDER BY k.peer, k.id");
  rows.bind(1, static_cast<std::int64_t>(telemetry::EventKind::scheduler_decision));
  Step step = rows.step();
  for (; step == Step::row; step = rows.step()) {
    // Several nodes give one server several classes, which follow each other.
    if (decisions.servers.empty() || decisions.servers.back() != rows.text(1)) {
      decisions.servers.push_back(text(rows, 1));
    }
    server_of_class[rows.integer(0)] = static_cast<std::uint32_t>(decisions.servers.size() - 1);
  }
  return step == Step::done;
}

}  // namespace

bool read_events(const Database& database, std::uint64_t first_id, std::size_t most,
                 std::vector<EventRow>& rows) {
  constexpr std::string_view kSql =
      "SELECT v.id, e.at_ns, v.kind, v.reason, v.object, v.peer, v.protocol, v.source,"
      " v.destination, v.value FROM events e JOIN events_view v ON v.id = e.id"
      " WHERE e.id >= ?1 AND e.id < ?1 + ?2 ORDER BY e.id";
  return by_ids(database, kSql, first_id, most, [&](const Statement& row) {
    rows.push_back({static_cast<std::uint64_t>(row.integer(0)), to_instant(row.integer(1)),
                    text(row, 2), text(row, 3), text(row, 4), text(row, 5), text(row, 6),
                    text(row, 7), text(row, 8), row.integer(9)});
  });
}

bool read_connections(const Database& database, std::uint64_t first_id, std::size_t most,
                      std::vector<ConnectionRow>& rows) {
  constexpr std::string_view kSql =
      "SELECT v.id, v.object, v.peer, v.role, v.reason, v.protocol, v.source, v.destination,"
      " v.translated_source, v.translated_destination, c.opened_ns, c.established_after_ns,"
      " c.closed_after_ns, c.bytes_sent, c.bytes_received, c.retransmissions"
      " FROM connections c JOIN connections_view v ON v.id = c.id"
      " WHERE c.id >= ?1 AND c.id < ?1 + ?2 ORDER BY c.id";
  return by_ids(database, kSql, first_id, most, [&](const Statement& row) {
    const std::int64_t opened = row.integer(10);
    rows.push_back(
        {static_cast<std::uint64_t>(row.integer(0)), text(row, 1), text(row, 2), text(row, 3),
         text(row, 4), text(row, 5), text(row, 6), text(row, 7), text(row, 8), text(row, 9),
         to_instant(opened), row.is_null(11) ? kNever : to_instant(opened + row.integer(11)),
         to_instant(opened + row.integer(12)), static_cast<std::uint64_t>(row.integer(13)),
         static_cast<std::uint64_t>(row.integer(14)), static_cast<std::uint64_t>(row.integer(15))});
  });
}

bool read_decisions(const Database& database, Decisions& decisions) {
  std::map<std::int64_t, std::uint32_t> server_of_class;
  if (!read_decision_classes(database, decisions, server_of_class)) return false;
  if (server_of_class.empty()) return true;
  Statement rows(database, "SELECT class FROM events ORDER BY id");
  Step step = rows.step();
  for (; step == Step::row; step = rows.step()) {
    const auto server = server_of_class.find(rows.integer(0));
    if (server != server_of_class.end()) decisions.chosen.push_back(server->second);
  }
  return step == Step::done;
}

}  // namespace elblab::trace
