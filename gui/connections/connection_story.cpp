#include "gui/connections/connection_story.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/trace/connection_query.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostRecords = 16;

bool is_known(const std::vector<trace::ConnectionRow>& records, std::uint64_t id) {
  return std::any_of(records.begin(), records.end(),
                     [id](const trace::ConnectionRow& record) { return record.id == id; });
}

// Of a box on the way: a balancer's node, a NAT box.
bool is_on_the_way(const trace::ConnectionRow& record) {
  return record.role == "session" || record.role == "translation";
}

// The records of others that have this end and were open at the same time.
bool find_related(const trace::Reader& trace, const trace::ConnectionRow& of,
                  const std::string& endpoint, const std::atomic<bool>& cancel,
                  std::vector<trace::ConnectionRow>& records) {
  trace::ConnectionFilter filter;
  filter.endpoint = endpoint;
  filter.protocols = {of.protocol};
  filter.from = of.opened_at;
  filter.to = of.closed_at + Duration(1);
  const auto ids = trace::find_connections(trace, filter, {}, cancel);
  if (!ids) return false;
  for (const std::uint64_t id : *ids) {
    if (records.size() >= kMostRecords) break;
    if (is_known(records, id)) continue;
    for (trace::ConnectionRow& record : trace.connections(id, 1)) {
      records.push_back(std::move(record));
    }
  }
  return true;
}

using Pair = std::pair<std::string, std::string>;

Pair near_of(const trace::ConnectionRow& session) { return {session.source, session.destination}; }
Pair far_of(const trace::ConnectionRow& session) {
  return {session.translated_source, session.translated_destination};
}

// What another balancer makes of what this one sent, or made before it: they stand in a row.
bool follows_another(const std::vector<trace::ConnectionRow>& records, std::size_t session) {
  const trace::ConnectionRow& one = records[session];
  return std::any_of(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(session),
                     [&](const trace::ConnectionRow& other) {
                       return is_on_the_way(other) &&
                              (near_of(one) == far_of(other) || far_of(one) == near_of(other));
                     });
}

// The client's own end tells a connection on the whole way, unless a balancer takes a source port
// of its own: then its record leads from the one side to the other, and on to the next in the row.
bool find_records(const trace::Reader& trace, const trace::ConnectionRow& of,
                  const std::atomic<bool>& cancel, std::vector<trace::ConnectionRow>& records) {
  records = {of};
  if (of.source.ends_with(":0")) return true;
  if (!find_related(trace, of, of.source, cancel, records)) return false;
  std::set<std::string> looked{of.source};
  const std::size_t near = records.size();
  for (std::size_t i = 0; i < records.size(); ++i) {
    const trace::ConnectionRow record = records[i];
    if (!is_on_the_way(record) || (i >= near && !follows_another(records, i))) continue;
    for (const std::string& end : {record.source, record.translated_source}) {
      if (end.empty() || !looked.insert(end).second) continue;
      if (!find_related(trace, of, end, cancel, records)) return false;
    }
  }
  return true;
}

// The sessions of one connection with balancers in a row, from any of them: each begins with what
// another made.
std::vector<std::uint64_t> sessions_in_row_with(const std::vector<trace::ConnectionRow>& records,
                                                const trace::ConnectionRow& of) {
  std::vector<std::uint64_t> row;
  std::set<Pair> flows{near_of(of), far_of(of)};
  for (bool grows = is_on_the_way(of); grows;) {
    grows = false;
    for (const trace::ConnectionRow& record : records) {
      const bool known = std::find(row.begin(), row.end(), record.id) != row.end();
      if (known || !is_on_the_way(record) || record.id == of.id) continue;
      if (!flows.contains(near_of(record)) && !flows.contains(far_of(record))) continue;
      flows.insert(near_of(record));
      flows.insert(far_of(record));
      row.push_back(record.id);
      grows = true;
    }
  }
  return row;
}

// A balancer may have the name of a link; a link loses packets, it has no lane.
BoxKinds box_kinds(const trace::Reader& trace) {
  BoxKinds kinds;
  trace::Query rows = trace.query(
      "SELECT o.name, k.name FROM objects o JOIN object_kinds k ON k.id = o.kind"
      " WHERE k.name NOT IN ('host', 'link', 'server', 'workload', 'listener') AND o.name NOT IN"
      " (SELECT h.name FROM objects h JOIN object_kinds k ON k.id = h.kind WHERE k.name = 'host')");
  while (rows.next()) {
    kinds.emplace(trace::to_text(rows.row()[0]), trace::to_text(rows.row()[1]));
  }
  return kinds;
}

// False: none were kept.
bool tell_packets(const trace::Reader& trace, std::uint64_t id, ConnectionStory& story) {
  const std::vector<trace::PacketRow> packets = trace.packets_of(id);
  if (packets.empty()) return false;
  const auto kept = trace.packet_connections(packets.front().connection, 1);
  if (kept.empty()) return false;
  story.ladder = ladder_of_packets(kept.front(), packets, box_kinds(trace));
  story.decisions = trace::decisions_of(trace, kept.front().id);
  story.has_packets = true;
  return true;
}

}  // namespace

std::optional<ConnectionStory> tell_connection(const trace::Reader& trace, std::uint64_t id,
                                               const std::atomic<bool>& cancel) {
  const std::vector<trace::ConnectionRow> rows = trace.connections(id, 1);
  if (rows.empty() || rows.front().id != id) return std::nullopt;
  ConnectionStory story;
  story.record = rows.front();
  story.never_sent = story.record.reason == "address_not_available";
  if (tell_packets(trace, id, story)) return story;
  std::vector<trace::ConnectionRow> records;
  if (!find_records(trace, story.record, cancel, records)) return std::nullopt;
  // Kept packets are found by the client's and the server's flow: not by one between two balancers.
  for (const std::uint64_t other : sessions_in_row_with(records, story.record)) {
    if (tell_packets(trace, other, story)) return story;
  }
  story.ladder = ladder_of_records(records);
  return story;
}

std::uint64_t first_worth_showing(const trace::Reader& trace, const std::atomic<bool>& cancel) {
  constexpr std::size_t kLookedAt = 500;
  trace::PacketConnectionRow best;
  for (trace::PacketConnectionRow& kept : trace.packet_connections(1, kLookedAt)) {
    if (best.id == 0 || (kept.choice != "first_of_host" && best.choice == "first_of_host")) {
      best = std::move(kept);
    }
  }
  if (best.id == 0) return 1;
  trace::ConnectionFilter filter;
  filter.endpoint = best.source;
  filter.from = best.first_at;
  filter.to = best.last_at + Duration(1);
  const auto ids = trace::find_connections(trace, filter, {}, cancel);
  return ids && !ids->empty() ? ids->front() : 1;
}

}  // namespace elblab::gui
