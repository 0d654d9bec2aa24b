#include "worlds/packets/packet_log.hpp"

#include <algorithm>

#include "models/net/packet_view.hpp"

namespace elblab::worlds {
namespace {

using telemetry::ConnectionRole;
using telemetry::EventKind;
using telemetry::PacketAction;
using telemetry::PacketConnection;
using telemetry::PacketRecord;
using telemetry::Reason;

// What "all" may hold: whole transfers of tens of megabytes.
constexpr PacketBuffers::Limits kAllLimits{65'536, 16'384, 524'288};

PacketBuffers::Limits limits_of(PacketKeeping keeping) {
  return keeping == PacketKeeping::all ? kAllLimits : PacketBuffers::Limits{};
}

bool same_either_way(const net::FlowKey& a, const net::FlowKey& b) {
  // Ports differ most.
  const bool along = a.source.port == b.source.port && a.destination.port == b.destination.port;
  const bool against = a.source.port == b.destination.port && a.destination.port == b.source.port;
  if ((!along && !against) || a.protocol != b.protocol) return false;
  return (along && a.source == b.source && a.destination == b.destination) ||
         (against && a.source == b.destination && a.destination == b.source);
}

std::uint32_t hash_of(const net::FlowKey& flow) {
  return static_cast<std::uint32_t>(net::hash_either_way(flow, 0) >> 32);
}

// Sequence numbers wrap (RFC 9293 section 3.4).
bool is_after(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

}  // namespace

PacketLog::PacketLog(PacketKeeping keeping, telemetry::Recorder& to)
    : to_(to),
      selection_(keeping),
      buffers_(limits_of(keeping)),
      decisions_(limits_of(keeping).chunks) {}  // as many as connections

std::optional<std::uint8_t> PacketLog::stage_of(const Followed& c, const net::FlowKey& flow) {
  for (std::uint8_t stage = 0; stage < c.stages; ++stage) {
    if (same_either_way(c.flows[stage], flow)) return stage;
  }
  return std::nullopt;
}

// Packets come in runs of one connection: the one found last is the first guess.
PacketLog::Place PacketLog::find(const net::FlowKey& flow) {
  const auto has_flow = [&](Number number) {
    const std::optional<std::uint8_t> stage = stage_of(at(number), flow);
    if (stage) last_found_ = {number, *stage};
    return stage.has_value();
  };
  if (last_found_ && has_flow(last_found_.number)) return last_found_;
  const Number number = flows_.find(hash_of(flow), has_flow);
  return number == tables::HandleIndex::kNone ? Place() : last_found_;
}

PacketLog::Place PacketLog::find_or_begin(const PacketSummary& packet, Instant now) {
  const Place place = find(packet.flow);
  if (!packet.opens()) return place;
  if (!place) return begin(packet, now);
  const Followed& c = at(place.number);
  const bool tcp = packet.flow.protocol == net::Protocol::tcp;
  const bool from_client = packet.flow.source == c.flows[0].source;
  if (!tcp || !from_client || packet.sequence == c.initial_sequence) return place;
  // The client uses its port again.
  decide(place.number);
  return begin(packet, now);
}

PacketLog::Place PacketLog::begin(const PacketSummary& packet, Instant now) {
  if (!buffers_.has_room()) return {};
  Number number = 0;
  if (free_.empty()) {
    followed_.emplace_back();
    number = static_cast<Number>(followed_.size());
  } else {
    number = free_.back();
    free_.pop_back();
  }
  Followed& c = at(number);
  c = {};
  c.flows[0] = packet.flow;
  c.order = ++begun_;
  c.began_at = now;
  c.initial_sequence = packet.sequence;
  c.chosen = selection_.begins(packet.flow.source.address);
  c.in_use = true;
  flows_.insert(hash_of(c.flows[0]), number);
  last_found_ = {number, 0};
  return last_found_;
}

PacketLog::Place PacketLog::translate(Number number, const net::FlowKey& flow) {
  Followed& c = at(number);
  if (const auto stage = stage_of(c, flow)) return {number, *stage};
  if (c.stages == kMostStages) {  // the last translation counts
    flows_.erase(hash_of(c.flows[--c.stages]), number);
  }
  const std::uint8_t stage = c.stages++;
  c.flows[stage] = flow;
  flows_.insert(hash_of(flow), number);
  return {number, stage};
}

PacketNote PacketLog::note_of(const Followed& c, std::uint8_t stage, const PacketSummary& packet,
                              Instant now) {
  PacketNote note;
  note.at = now;
  note.sequence = packet.sequence;
  note.acknowledgment = packet.acknowledgment;
  note.timestamp_value = packet.timestamp_value;
  note.timestamp_echo = packet.timestamp_echo;
  note.window = packet.window;
  note.payload_bytes = packet.payload_bytes;
  note.mss = packet.mss;
  note.tcp_flags = packet.tcp_flags;
  note.has_timestamps = packet.has_timestamps;
  note.stage = stage;
  note.to_client = !(packet.flow.source == c.flows[note.stage].source);
  return note;
}

void PacketLog::note(Place place, const PacketSummary& packet, telemetry::ObjectId object,
                     PacketAction action, Instant now, bool at_host) {
  Followed& c = at(place.number);
  PacketNote note = note_of(c, place.stage, packet, now);
  note.object = object;
  note.action = action;
  const bool begins_here =
      at_host ? action == PacketAction::sent : action == PacketAction::received && !c.seen_at_host;
  if (at_host) c.seen_at_host = true;
  if (begins_here) look_for_repetition(c, packet, note.to_client);
  buffers_.add(c.rows, note);
}

// Where a packet is first seen: one that carries nothing beyond what went before was sent again.
void PacketLog::look_for_repetition(Followed& c, const PacketSummary& packet, bool to_client) {
  const std::uint32_t end = packet.sequence_end();
  if (end == packet.sequence) return;
  std::uint32_t& until = c.sent_until[to_client ? 1 : 0];
  bool& has_sent = c.has_sent[to_client ? 1 : 0];
  if (has_sent && !is_after(end, until)) {
    c.outcome.retransmitted = true;
    return;
  }
  has_sent = true;
  until = end;
}

void PacketLog::sent_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet,
                             Instant now) {
  decide_due(now);
  PacketSummary summary;
  if (!summarize(packet, summary)) return;
  const Place place = find_or_begin(summary, now);
  if (place) note(place, summary, host, PacketAction::sent, now, true);
}

void PacketLog::received_by_host(telemetry::ObjectId host, std::span<const std::uint8_t> packet,
                                 Instant now) {
  PacketSummary summary;
  if (!summarize(packet, summary)) return;
  const Place place = find(summary.flow);
  if (place) note(place, summary, host, PacketAction::received, now, true);
}

void PacketLog::received(telemetry::ObjectId where, std::span<const std::uint8_t> packet,
                         Instant now) {
  decide_due(now);
  worked_on_ = decided_for_ = 0;
  PacketSummary summary;
  if (!summarize(packet, summary)) return;
  const Place place = find_or_begin(summary, now);
  worked_on_ = place.number;
  if (place) note(place, summary, where, PacketAction::received, now, false);
}

// A packet sent on is the one that was received, or that a scheduler chose a server for: its flow
// may be another connection's as well (FTC-08). What a node made, and what waited inside, goes by
// its flow.
PacketLog::Place PacketLog::place_sent_on(const PacketSummary& packet, network::Origin origin) {
  const Number number = decided_for_ != 0 ? decided_for_ : worked_on_;
  const Place known = find(packet.flow);
  if (origin == network::Origin::made || number == 0 || known.number == number) return known;
  // An answer may belong to another connection with the same flow towards the server.
  return known && known.stage == 0 ? known : translate(number, packet.flow);
}

void PacketLog::sent(telemetry::ObjectId where, std::span<const std::uint8_t> packet,
                     network::Origin origin, Instant now) {
  PacketSummary summary;
  if (!summarize(packet, summary)) return;
  const Place place = place_sent_on(summary, origin);
  if (origin == network::Origin::received) worked_on_ = decided_for_ = 0;
  if (!place) return;
  const PacketAction action =
      origin == network::Origin::received ? PacketAction::forwarded : PacketAction::sent;
  note(place, summary, where, action, now, false);
}

void PacketLog::about_to_drop(std::span<const std::uint8_t> packet) {
  is_dropping_ = summarize(packet, dropping_);
}

void PacketLog::record(const telemetry::Event& event) {
  if (event.kind == EventKind::scheduler_decision) {
    decided_for_ = find(event.flow).number;
  } else if (event.kind == EventKind::packet_dropped) {
    note_drop(event);
  }
  to_.record(event);
}

void PacketLog::decision(const telemetry::DecisionRecord& decision) {
  if (const Place place = find(decision.flow)) {
    decisions_.add(at(place.number).decisions, decision);
  }
}

bool PacketLog::keeps_decisions_of(const net::FlowKey& flow) {
  const Place place = find(flow);
  return place && at(place.number).chosen;
}

// A link says which packet it loses. A host or a node drops what it just received: the last row.
void PacketLog::note_drop(const telemetry::Event& event) {
  const bool on_link = is_dropping_;
  is_dropping_ = false;
  const Place place = find(on_link ? dropping_.flow : event.flow);
  if (!place) return;
  Followed& c = at(place.number);
  PacketNote drop;
  if (on_link) {
    drop = note_of(c, place.stage, dropping_, event.at);
  } else {
    const PacketNote* last = buffers_.last(c.rows);
    // A fabric drops what a node has just sent on.
    if (last == nullptr || last->action == PacketAction::dropped) return;
    const bool just_sent = last->object != event.object && last->at == event.at;
    if (last->action != PacketAction::received && !just_sent) return;
    drop = *last;
  }
  drop.at = event.at;
  drop.object = event.object;
  drop.action = PacketAction::dropped;
  drop.reason = event.reason;
  if (c.outcome.dropped == Reason::none) c.outcome.dropped = event.reason;
  buffers_.add(c.rows, drop);
}

void PacketLog::record(const telemetry::ConnectionRecord& connection) {
  decide_due(connection.closed_at);
  if (const Place place = find(connection.flow)) ended(place.number, connection);
  to_.record(connection);
}

void PacketLog::ended(Number number, const telemetry::ConnectionRecord& record) {
  Followed& c = at(number);
  if (record.opened_at < c.began_at) return;  // of one that had the same ports before
  const bool passed_on =
      record.role == ConnectionRole::session || record.role == ConnectionRole::translation;
  if (passed_on && c.stages == 1 && record.translated.source.port) {
    translate(number, record.translated);
  }
  if (record.role == ConnectionRole::client) c.client_ended = true;
  if (record.role == ConnectionRole::server) c.server_ended = true;
  // How the client saw it counts most, and it mostly is the first to know.
  const bool bad = is_bad_end(record.reason, record.flow.protocol);
  if (bad && (c.outcome.ended_badly == Reason::none || record.role == ConnectionRole::client)) {
    c.outcome.ended_badly = record.reason;
  }
  if (record.retransmissions > 0) c.outcome.retransmitted = true;
  if (c.client_ended && c.server_ended && !c.chosen && c.outcome.good()) return decide(number);
  if (!c.waits) wait(number, record.closed_at);
}

void PacketLog::wait(Number number, Instant now) {
  Followed& c = at(number);
  c.waits = true;
  waiting_.push_back({now + kLinger, number, c.order});
}

void PacketLog::decide_due(Instant now) {
  while (!waiting_.empty() && waiting_.front().until <= now) {
    const Waiting due = waiting_.front();
    waiting_.pop_front();
    // Its number may be another's by now.
    if (at(due.number).in_use && at(due.number).order == due.order) decide(due.number);
  }
}

void PacketLog::decide(Number number) {
  Followed& c = at(number);
  if (const auto choice = selection_.ends(c.chosen, c.outcome)) hand_over(c, *choice);
  buffers_.clear(c.rows);
  decisions_.clear(c.decisions);
  for (std::uint8_t stage = 0; stage < c.stages; ++stage) {
    flows_.erase(hash_of(c.flows[stage]), number);
  }
  c.in_use = false;
  free_.push_back(number);
  if (last_found_.number == number) last_found_ = {};
  if (decided_for_ == number) decided_for_ = 0;
  if (worked_on_ == number) worked_on_ = 0;
}

void PacketLog::hand_over(const Followed& c, const PacketSelection::Choice& choice) {
  PacketConnection connection;
  connection.choice = choice.why;
  connection.reason = choice.reason;
  connection.flow = c.flows[0];
  if (c.stages > 1) connection.translated = c.flows[c.stages - 1];
  buffers_.each(c.rows, [&](const PacketNote& note) {
    PacketRecord p;
    p.at = note.at;
    p.object = note.object;
    p.action = note.action;
    p.reason = note.reason;
    p.tcp_flags = note.tcp_flags;
    p.has_timestamps = note.has_timestamps;
    p.window = note.window;
    p.flow = c.flows[note.stage];
    if (note.to_client) p.flow = p.flow.reversed();
    p.sequence = note.sequence;
    p.acknowledgment = note.acknowledgment;
    p.payload_bytes = note.payload_bytes;
    p.timestamp_value = note.timestamp_value;
    p.timestamp_echo = note.timestamp_echo;
    p.mss = note.mss;
    to_.packet(p);
    if (connection.packets++ == 0) connection.first_at = note.at;
    connection.last_at = note.at;
  });
  if (connection.packets == 0) return;
  decisions_.each(c.decisions,
                  [&](const telemetry::DecisionRecord& decision) { to_.decision(decision); });
  connection.left_out = c.rows.seen - connection.packets;
  to_.packet_connection(connection);
}

// In the order in which they began.
void PacketLog::finish() {
  std::vector<std::pair<std::uint64_t, Number>> open;
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    if (followed_[i].in_use) open.emplace_back(followed_[i].order, static_cast<Number>(i + 1));
  }
  std::sort(open.begin(), open.end());
  for (const auto& [order, number] : open) decide(number);
  waiting_.clear();
}

}  // namespace elblab::worlds
