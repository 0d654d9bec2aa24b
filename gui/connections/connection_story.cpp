#include "gui/connections/connection_story.hpp"

#include <algorithm>

#include "analysis/trace/connection_query.hpp"

namespace elblab::gui {
namespace {

constexpr std::size_t kMostRecords = 16;

bool is_known(const std::vector<trace::ConnectionRow>& records, std::uint64_t id) {
  return std::any_of(records.begin(), records.end(),
                     [id](const trace::ConnectionRow& record) { return record.id == id; });
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

// The client's own end tells a connection on the whole way, unless the balancer takes a source
// port of its own: then its record leads from the one side to the other.
bool find_records(const trace::Reader& trace, const trace::ConnectionRow& of,
                  const std::atomic<bool>& cancel, std::vector<trace::ConnectionRow>& records) {
  records = {of};
  if (of.source.ends_with(":0")) return true;
  if (!find_related(trace, of, of.source, cancel, records)) return false;
  const std::size_t near = records.size();
  for (std::size_t i = 0; i < near; ++i) {
    const trace::ConnectionRow record = records[i];
    if (record.role != "session") continue;
    for (const std::string& end : {record.source, record.translated_source}) {
      if (end.empty() || end == of.source) continue;
      if (!find_related(trace, of, end, cancel, records)) return false;
    }
  }
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
  const std::vector<trace::PacketRow> packets = trace.packets_of(id);
  if (!packets.empty()) {
    const auto kept = trace.packet_connections(packets.front().connection, 1);
    if (!kept.empty()) {
      story.ladder = ladder_of_packets(kept.front(), packets);
      story.has_packets = true;
      return story;
    }
  }
  std::vector<trace::ConnectionRow> records;
  if (!find_records(trace, story.record, cancel, records)) return std::nullopt;
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
