#include "analysis/trace/traffic_counts.hpp"

#include <algorithm>
#include <array>

namespace elblab::trace {

TrafficCounts::TrafficCounts(const Database& database, std::size_t most_pairs)
    : most_pairs_(most_pairs),
      rows_(database, "traffic",
            "client, server, connections, failed, bytes_sent, bytes_received") {}

TrafficCounts::Traffic& TrafficCounts::of_others(telemetry::ObjectId server) {
  const auto found = std::find_if(others_.begin(), others_.end(),
                                  [&](const Traffic& other) { return other.server == server; });
  if (found != others_.end()) return *found;
  return others_.emplace_back(Traffic{0, server});
}

TrafficCounts::Traffic& TrafficCounts::of(std::int64_t client, telemetry::ObjectId server) {
  bool is_new = false;
  const Numbering::Key key{static_cast<std::uint64_t>(client), server, 0};
  // A full table numbers nobody new.
  const std::int64_t number =
      pairs_.size() < most_pairs_ ? numbers_.number_of(key, is_new) : numbers_.find_number(key);
  if (number == 0) return of_others(server);
  if (is_new) return pairs_.emplace_back(Traffic{client, server});
  return pairs_[static_cast<std::size_t>(number - 1)];
}

void TrafficCounts::add(const telemetry::ConnectionRecord& session, std::int64_t client) {
  Traffic& traffic = of(client, session.peer);
  ++traffic.connections;
  const bool never_established = session.established_at == kNever;
  if (never_established && session.flow.protocol == net::Protocol::tcp) ++traffic.failed;
  traffic.bytes_sent += session.bytes_sent;
  traffic.bytes_received += session.bytes_received;
}

bool TrafficCounts::finish() {
  for (const auto* part : {&pairs_, &others_}) {
    for (const Traffic& t : *part) {
      const std::array<Cell, 6> row{Cell(t.client), Cell::id(t.server), Cell(t.connections),
                                    Cell(t.failed), Cell(t.bytes_sent), Cell(t.bytes_received)};
      if (!rows_.add(row)) return false;
    }
  }
  return rows_.flush();
}

}  // namespace elblab::trace
