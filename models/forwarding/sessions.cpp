#include "models/forwarding/sessions.hpp"

#include <algorithm>

#include "models/forwarding/tcp_tracker.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

Sessions::Sessions(const config::LoadBalancer& balancer, const AddressBook& book,
                   std::uint64_t hash_seed, Parts parts)
    : parts_(parts),
      tcp_timeouts_(balancer.tcp_timeouts),
      conflict_(balancer.conflict),
      hash_seed_(hash_seed),
      table_(book, hash_seed, balancer.connection_limit, parts.listeners) {}

std::variant<ConnectionId, Reason> Sessions::open(std::uint16_t listener,
                                                  const net::PacketView& packet,
                                                  const net::FlowKey& flow, Instant now) {
  if (table_.full()) return Reason::table_full;
  const ListenerEntry& entry = parts_.listeners[listener];
  if (parts_.decisions != nullptr) parts_.decisions->next_is_for(flow, entry.group, now);
  const auto server =
      parts_.servers.pick(entry.group, {flow.source.address, packet.payload(), now});
  if (!server) return Reason::no_server;
  const std::uint32_t hash = table_.hash(flow);
  Connection connection = filled(listener, *server, packet, flow);
  std::uint32_t pool = SourcePools::kNoPool;
  if (entry.full_nat) {
    pool = pool_of(connection);
    const std::optional<SourcePort> port = parts_.sources.take(pool, hash);
    if (!port) return Reason::no_source_port;  // BW-09
    connection.source_port = port->packed;
  } else if (conflict_ == config::ConflictPolicy::remap && !remap_on_conflict(connection, now)) {
    return Reason::no_source_port;
  }
  connection.last_active = static_cast<std::uint32_t>(TimerWheel::tick_at_or_after(now));
  const ConnectionTable::Opened opened = table_.open(connection, hash, now);
  if (entry.full_nat) {
    parts_.sources.note_place(pool, SourcePort{connection.source_port}, opened.id);
  }
  start(opened.id, flow, now);
  count_payload(opened.id, Side::client, packet.payload().size());
  return opened.shadowed == kNoConnection ? opened.id : shadow(opened, now);
}

Connection Sessions::filled(std::uint16_t listener, std::uint16_t server,
                            const net::PacketView& packet, const net::FlowKey& flow) const {
  Connection connection{};
  connection.client_address = flow.source.address.bytes();
  connection.client_port = flow.source.port;
  connection.virtual_port = flow.destination.port;
  connection.server = server;
  connection.listener = listener;
  connection.full_nat = parts_.listeners[listener].full_nat;
  connection.same_port = parts_.listeners[listener].same_port;
  if (flow.protocol == net::Protocol::tcp) {
    start_tracking(connection, packet);
  } else {
    connection.state = BindingState::udp;
  }
  return connection;
}

bool Sessions::is_met_here(const net::Endpoint& client, std::uint16_t virtual_port) const {
  return parts_.steering == nullptr || parts_.steering->leads_to(parts_.node, client, virtual_port);
}

std::uint32_t Sessions::pool_of(const Connection& connection) const {
  const net::Protocol protocol = ConnectionTable::protocol(connection);
  return connection.same_port ? parts_.sources.pool_towards(table_.server(connection), protocol)
                              : parts_.sources.pool_of(connection.server, protocol);
}

// Ports are drawn, not counted up: the client's kernel will use those next to this one soon. A port
// that the client uses later may be drawn; that flow is then the one that gets another. All flows
// of one endpoint at the server must meet on this node, or it could not tell whether one is in use.
bool Sessions::remap_on_conflict(Connection& connection, Instant now) {
  constexpr std::uint64_t kDraws = 4096;
  constexpr std::uint16_t kFirstPort = 1024;
  const net::FlowKey wanted = table_.server_flow(connection);
  const auto is_free = [&] {
    return !lives(table_.find_by_answer(table_.server_flow(connection).reversed()));
  };
  if (is_free()) return true;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const std::uint64_t number = net::hash_of(
        net::FlowKey{
            wanted.source, {wanted.destination.address, connection.virtual_port}, wanted.protocol},
        hash_seed_ + draw);
    connection.source_port = kFirstPort + (number >> 32) % (65536u - kFirstPort);
    if (!is_met_here(table_.source(connection), connection.virtual_port) || !is_free()) continue;
    parts_.ledger.remapped(wanted, parts_.servers[connection.server].object,
                           static_cast<std::uint16_t>(connection.source_port), now);
    return true;
  }
  return false;
}

void Sessions::start(ConnectionId id, const net::FlowKey& flow, Instant now) {
  const Connection& connection = table_[id];
  const ServerEntry& server = parts_.servers[connection.server];
  ++gauge_of(connection.state);
  timers_.grow_to(std::size_t{connection.number} + 1);
  timers_.arm(connection.number, TimerWheel::tick_at_or_after(now) + ticks_allowed(connection));
  parts_.servers.count_opened(connection.server);
  parts_.ledger.decided(flow, server.object, server.index, now,
                        tell_choice(server.group, flow, now));
}

Reason Sessions::tell_choice(std::uint16_t group, const net::FlowKey& flow, Instant now) {
  using Outcome = scheduling::StickyScheduler::Outcome;
  if (parts_.servers.went_by_connection_id(group, flow.source.address)) {
    return Reason::connection_id;
  }
  const auto* last = parts_.servers.last_stickiness(group, flow.source.address);
  if (last == nullptr) {
    return parts_.servers.hashes_source(group) ? Reason::source_hash : Reason::none;
  }
  const auto object_of = [&](std::uint16_t index) {
    return parts_.servers[parts_.servers.number_of(group, index)].object;
  };
  if (last->evicted) {
    const net::FlowKey of_client{{last->evicted->client, 0}, flow.destination, flow.protocol};
    parts_.ledger.stickiness_broken(Reason::stickiness_evicted, of_client,
                                    object_of(last->evicted->server), now);
  }
  if (last->outcome == Outcome::kept) return Reason::sticky;
  if (last->outcome == Outcome::first) return Reason::stickiness_bound;
  parts_.ledger.stickiness_broken(
      last->outcome == Outcome::over ? Reason::stickiness_over : Reason::server_out, flow,
      object_of(last->bound_to), now);
  return Reason::stickiness_bound;
}

// FTC-01..03, FTC-15: the newest binding takes the return path of an equal server-side flow. One
// that is over already is no conflict and makes way.
ConnectionId Sessions::shadow(const ConnectionTable::Opened& opened, Instant now) {
  const Connection& connection = table_[opened.id];
  const ConnectionId older = table_.find_by_number(opened.shadowed);
  if (lives(older)) {
    if (conflict_ != config::ConflictPolicy::ignore) {
      parts_.ledger.conflicted(table_.server_flow(connection),
                               parts_.servers[connection.server].object, now);
    }
    return opened.id;
  }
  const ConnectionNumber number = connection.number;
  end(older, end_reason(table_[older]), now);
  return table_.find_by_number(number);
}

void Sessions::pass(ConnectionId id, Side side, const net::PacketView& packet, Instant now) {
  Connection& connection = table_[id];
  connection.last_active = static_cast<std::uint32_t>(TimerWheel::tick_at_or_after(now));
  count_payload(id, side, packet.payload().size());
  if (connection.state == BindingState::udp) return;
  const BindingState before = connection.state;
  if (track(connection, side, packet) && ++connection.retransmissions_low == 0) {
    ++table_.carry(connection).retransmissions;
  }
  if (connection.state != before) note_phase(id, before, now);
}

void Sessions::count_payload(ConnectionId id, Side side, std::size_t bytes) {
  Connection& connection = table_[id];
  std::uint32_t& low =
      side == Side::client ? connection.payload_up_low : connection.payload_down_low;
  const auto sum = static_cast<std::uint32_t>(low + bytes);
  if (sum < low) {
    ConnectionCarry& carry = table_.carry(connection);
    ++(side == Side::client ? carry.payload_up : carry.payload_down);
  }
  low = sum;
}

void Sessions::note_phase(ConnectionId id, BindingState before, Instant now) {
  const Connection& connection = table_[id];
  --gauge_of(before);
  ++gauge_of(connection.state);
  if (connection.state == BindingState::established) {
    table_.detail(connection).established_at = PackedInstant(now);
  }
  if (connection.state == BindingState::closed) parts_.servers.count_over(connection.server);
  timers_.disarm(connection.number);
  timers_.arm(connection.number, TimerWheel::tick_at_or_after(now) + ticks_allowed(connection));
}

TimerWheel::Tick Sessions::ticks_allowed(const Connection& connection) const {
  const auto ticks = [](Duration d) { return TimerWheel::tick_at_or_after(Instant(d)); };
  switch (connection.state) {
    case BindingState::syn_sent:
    case BindingState::syn_received:
      return ticks(tcp_timeouts_.handshake);
    case BindingState::closing:
      return ticks(tcp_timeouts_.closing);
    case BindingState::closed:
      return ticks(tcp_timeouts_.closed);
    case BindingState::established:
    case BindingState::udp:
      break;
  }
  return ticks(parts_.listeners[connection.listener].idle_timeout);
}

std::uint64_t& Sessions::gauge_of(BindingState state) {
  if (state == BindingState::udp) return gauges_.udp;
  return state == BindingState::established ? gauges_.established : gauges_.not_established;
}

ConnectionId Sessions::next_expired(Instant now) {
  // Ticks that have begun: rounding up would end a binding early.
  const Tick tick = now.time_since_epoch() / TimerWheel::kTick;
  while (true) {
    const ConnectionNumber number = timers_.pop_due(tick);
    if (number == kNoConnection) return kNoConnection;
    const ConnectionId id = table_.find_by_number(number);
    const Connection& connection = table_[id];
    const auto unused = static_cast<std::int32_t>(static_cast<std::uint32_t>(timers_.current()) -
                                                  connection.last_active);
    const Tick left = ticks_allowed(connection) - unused;
    if (left <= 0) return id;
    timers_.arm(number, timers_.current() + left);
  }
}

void Sessions::rearm_idle(Instant now) {
  const Tick tick = TimerWheel::tick_at_or_after(now);
  table_.for_each([&](ConnectionId id) {
    const Connection& connection = table_[id];
    const bool idles =
        connection.state == BindingState::established || connection.state == BindingState::udp;
    if (!idles) return;
    const auto unused =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(tick) - connection.last_active);
    timers_.disarm(connection.number);
    timers_.arm(connection.number, tick + std::max<Tick>(ticks_allowed(connection) - unused, 0));
  });
}

void Sessions::end(ConnectionId id, Reason reason, Instant now) {
  timers_.disarm(table_[id].number);
  remove(id, reason, now);
}

void Sessions::end_expired(ConnectionId id, Reason reason, Instant now) { remove(id, reason, now); }

void Sessions::remove(ConnectionId id, Reason reason, Instant now) {
  const Connection& connection = table_[id];
  parts_.ledger.ended(record_of(id, reason, now));
  --gauge_of(connection.state);
  if (connection.state != BindingState::closed) parts_.servers.count_over(connection.server);
  parts_.servers.count_ended(connection.server);
  const std::uint32_t pool = connection.full_nat ? pool_of(connection) : SourcePools::kNoPool;
  const SourcePort port{connection.source_port};
  table_.close(id);
  if (pool != SourcePools::kNoPool) parts_.sources.give_back(pool, port);
}

telemetry::ConnectionRecord Sessions::record_of(ConnectionId id, Reason reason, Instant now) {
  const Connection& connection = table_[id];
  const ConnectionDetail& detail = table_.detail(connection);
  telemetry::ConnectionRecord record;
  record.peer = parts_.servers[connection.server].object;
  record.reason = reason;
  record.flow = table_.client_flow(connection);
  record.translated = table_.server_flow(connection);
  record.opened_at = detail.opened_at.instant();
  record.established_at = detail.established_at.instant();
  record.closed_at = now;
  const ConnectionCarry carry = table_.carried(connection);
  record.bytes_sent = std::uint64_t{carry.payload_up} << 32 | connection.payload_up_low;
  record.bytes_received = std::uint64_t{carry.payload_down} << 32 | connection.payload_down_low;
  record.retransmissions = carry.retransmissions << 8 | connection.retransmissions_low;
  return record;
}

void Sessions::finish(Instant now) {
  table_.for_each([&](ConnectionId id) { end(id, Reason::run_ended, now); });
}

void Sessions::reserve(std::size_t connections) {
  table_.reserve(connections);
  timers_.grow_to(connections);
}

SessionGauges Sessions::gauges() const {
  SessionGauges gauges = gauges_;
  gauges.source_ports_in_use = parts_.sources.in_use();
  gauges.source_ports = parts_.sources.capacity();
  return gauges;
}

}  // namespace elblab::forwarding
