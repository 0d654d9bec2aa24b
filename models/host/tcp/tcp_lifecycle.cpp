#include "models/host/tcp/tcp_lifecycle.hpp"

#include <algorithm>
#include <bit>

#include "models/host/tcp/tcp_windows.hpp"

namespace elblab::host {

TcpConnection& TcpLifecycle::open(const net::Endpoint& local, const net::Endpoint& remote,
                                  std::uint32_t hash, TcpState state, Instant now) {
  TcpConnection& c = shared_.connections.acquire();
  c.local = local;
  c.remote = remote;
  c.flow_hash = hash;
  c.opened_at = now;
  c.timestamp_offset =
      shared_.sysctls().tcp_timestamps == 1
          ? shared_.initial_sequences.timestamp_offset(local.address, remote.address)
          : 0;
  c.receive_scale = offered_scale(shared_.sysctls());
  set_state(c, state);
  shared_.flows.insert(hash, c.slot);
  return c;
}

void TcpLifecycle::count(TcpState state, std::uint64_t by) {
  HostCounters& counters = shared_.counters;
  if (state == TcpState::closed || state == TcpState::abandoned) return;
  counters.open += by;
  if (state == TcpState::syn_received) counters.syn_received += by;
  if (state == TcpState::established) counters.established += by;
}

void TcpLifecycle::set_state(TcpConnection& c, TcpState state) {
  count(c.state, ~std::uint64_t{0});
  c.state = state;
  count(state, 1);
}

void TcpLifecycle::record(const TcpConnection& c, telemetry::Reason reason, Instant now) {
  telemetry::ConnectionRecord r;
  r.role = c.client ? telemetry::ConnectionRole::client : telemetry::ConnectionRole::server;
  r.reason = reason;
  r.flow.source = c.client ? c.local : c.remote;
  r.flow.destination = c.client ? c.remote : c.local;
  r.flow.protocol = net::Protocol::tcp;
  r.opened_at = c.opened_at;
  r.established_at = c.established_at;
  r.closed_at = now;
  r.bytes_sent = c.bytes_acknowledged;
  r.bytes_received = c.bytes_received;
  r.retransmissions = c.retransmissions;
  shared_.log.connection(r);
}

void TcpLifecycle::release_transfer(TcpConnection& c) {
  if (c.sending != kNoIndex) shared_.send_states.release(c.sending);
  if (c.receiving != kNoIndex) shared_.receive_buffers.release(c.receiving);
  if (c.transfer != kNoIndex) shared_.transfers.release(c.transfer);
  c.sending = c.receiving = c.transfer = kNoIndex;
}

void TcpLifecycle::leave_tables(const TcpConnection& c) {
  shared_.flows.erase(c.flow_hash, c.slot);
  if (c.port_set != EphemeralPorts::kNoSet) shared_.ports.release(c.port_set, c.local.port);
}

void TcpLifecycle::finish(TcpConnection& c, telemetry::Reason reason, SocketError error,
                          Instant now) {
  record(c, reason, now);
  if (c.client && c.established_at == kNever) ++shared_.counters.connections_failed;
  leave_tables(c);
  forget(c, error, now);
}

void TcpLifecycle::abandon(TcpConnection& c, telemetry::Reason reason, Instant now) {
  record(c, reason, now);
  leave_tables(c);
  shared_.timers.remove(c);
  c.timer = TimerKind::none;
  c.ack_deadline = kNever;
  set_state(c, TcpState::abandoned);
}

void TcpLifecycle::forget(TcpConnection& c, SocketError error, Instant now) {
  shared_.notices.closed(c.events, c.id(), error, now);
  release_transfer(c);
  shared_.timers.remove(c);
  set_state(c, TcpState::closed);
  shared_.connections.release(c);
}

void TcpLifecycle::enter_time_wait(TcpConnection& c, Instant now) {
  const auto most = static_cast<std::uint64_t>(shared_.sysctls().tcp_max_tw_buckets);
  if (shared_.counters.time_wait >= most) {
    finish(c, closed_first(c), SocketError::none, now);
    return;
  }
  record(c, closed_first(c), now);
  const bool unread = c.on_demand && !c.orphan;
  if (!unread) shared_.notices.closed(c.events, c.id(), SocketError::none, now);
  TimeWaitRecord r;
  r.local = c.local;
  r.remote = c.remote;
  r.flow_hash = c.flow_hash;
  r.send_next = c.send_next;
  r.receive_next = c.receive_next;
  r.window = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(c.open_window() >> c.receive_scale, 65535));
  r.timestamps = c.timestamps;
  r.client = c.client;
  r.recent_timestamp = c.recent_timestamp;
  r.timestamp_offset = c.timestamp_offset;
  r.port_set = c.port_set;
  r.recent_timestamp_at = now;
  shared_.timers.remove(c);
  const std::uint32_t slot = shared_.time_waits.add(r, now);
  shared_.flows.replace(c.flow_hash, c.slot, slot | TcpShared::kTimeWaitBit);
  ++shared_.counters.time_wait;
  if (unread) {  // the socket stays until its application is done with it
    c.timer = TimerKind::none;
    c.ack_deadline = kNever;
    set_state(c, TcpState::abandoned);
    return;
  }
  release_transfer(c);
  set_state(c, TcpState::closed);
  shared_.connections.release(c);
}

void TcpLifecycle::end_time_wait(std::uint32_t slot, bool keep_port) {
  const TimeWaitRecord& r = shared_.time_waits.at(slot);
  shared_.flows.erase(r.flow_hash, slot | TcpShared::kTimeWaitBit);
  if (!keep_port && r.port_set != EphemeralPorts::kNoSet) {
    shared_.ports.release(r.port_set, r.local.port);
  }
  shared_.time_waits.remove(slot);
  --shared_.counters.time_wait;
}

}  // namespace elblab::host
