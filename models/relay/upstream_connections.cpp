#include "models/relay/upstream_connections.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::relay {

using host::SocketError;
using host::SocketId;
using workload::SlotRef;
using workload::SocketMap;

UpstreamConnections::UpstreamConnections(const RelayParameters& parameters, host::Sockets& sockets,
                                         EgressAddresses& egress, UpstreamUser& user)
    : parameters_(parameters),
      sockets_(sockets),
      egress_(egress),
      user_(user),
      idle_(egress.size()),
      timeouts_(parameters.timeout),
      idle_timeouts_(parameters.keep_alive) {}

std::uint32_t UpstreamConnections::ask(std::uint32_t asker, const workload::RequestHeader& request,
                                       std::uint32_t egress, Instant now) {
  std::uint32_t slot = 0;
  const bool reused = take_idle(egress, slot);
  if (!reused) slot = connections_.acquire().slot;
  Connection& connection = connections_[slot];
  connection.asker = asker;
  connection.egress = egress;
  connection.request = request;
  connection.was_idle = reused;
  ++busy_;
  if (reused) {
    timeouts_.set(connections_.renew(slot), now);
    if (send(slot, now)) {
      ++counters_.reused;
      return slot;
    }
    abort_socket(slot, now);
  }
  if (connect(slot, now)) return slot;
  release(slot);
  return kNone;
}

bool UpstreamConnections::connect(std::uint32_t slot, Instant now) {
  Connection& connection = connections_[slot];
  const net::Endpoint source{egress_[connection.egress], 0};
  const auto result = sockets_.connect(source, parameters_.destination, *this, now);
  if (result.error != SocketError::none) return false;
  connection.socket = result.socket;
  connection.phase = Phase::connecting;
  connection.was_idle = false;
  connection.sent = 0;
  connection.received = 0;
  connection.answer_end = 0;
  slots_.insert(result.socket, slot);
  timeouts_.set(connections_.renew(slot), now);
  return true;
}

void UpstreamConnections::connected(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || connections_[slot].phase != Phase::connecting) return;
  ++counters_.opened;
  egress_.note_use(connections_[slot].egress);
  if (!send(slot, now)) fail(slot, now);
  user_.upstream_moved();
}

bool UpstreamConnections::send(std::uint32_t slot, Instant now) {
  Connection& connection = connections_[slot];
  connection.phase = Phase::busy;
  connection.answer_end = connection.received + connection.request.response_bytes;
  const std::uint64_t offset = connection.sent;
  connection.sent += connection.request.request_bytes;
  return workload::send_request(sockets_, connection.socket, connection.request, offset, now) ==
         SocketError::none;
}

void UpstreamConnections::received(SocketId socket, std::span<const std::uint8_t> bytes,
                                   Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  Connection& connection = connections_[slot];
  const std::uint64_t before = connection.received;
  connection.received += bytes.size();
  const bool asked_for = connection.phase == Phase::busy &&
                         connection.received <= connection.answer_end &&
                         workload::matches_pattern(bytes, before);
  if (!asked_for) {
    ++counters_.damaged_answers;
    fail(slot, now);
    user_.upstream_moved();
    return;
  }
  const bool last = connection.received == connection.answer_end;
  const SlotRef ref = connections_.ref(slot);
  user_.answer_came(connection.asker, bytes.size(), now);
  if (last && connections_.current(ref)) whole(slot, now);
  user_.upstream_moved();
}

// An answer without a byte: that the request has arrived is all there is to know of it.
void UpstreamConnections::sent_all(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  const Connection& connection = connections_[slot];
  if (connection.phase != Phase::busy || connection.request.response_bytes != 0) return;
  whole(slot, now);
  user_.upstream_moved();
}

void UpstreamConnections::whole(std::uint32_t slot, Instant now) {
  const std::uint32_t asker = connections_[slot].asker;
  const std::uint32_t idle = connections_.in_use() - busy_;
  if (parameters_.keep_alive > Duration{0} && idle < parameters_.connections) {
    const std::uint32_t egress = connections_[slot].egress;
    connections_[slot].phase = Phase::idle;
    --busy_;
    const SlotRef ref = connections_.renew(slot);
    idle_timeouts_.set(ref, now);
    drop_stale(egress);
    idle_[egress].push(ref);
  } else {
    const SocketId socket = connections_[slot].socket;
    forget_socket(slot);
    release(slot);
    sockets_.close(socket, now);
  }
  user_.answer_whole(asker, now);
}

bool UpstreamConnections::take_idle(std::uint32_t egress, std::uint32_t& slot) {
  drop_stale(egress);
  if (idle_[egress].empty()) return false;
  slot = idle_[egress].front().slot;
  idle_[egress].pop();
  return true;
}

void UpstreamConnections::drop_stale(std::uint32_t egress) {
  while (!idle_[egress].empty() && !connections_.current(idle_[egress].front())) {
    idle_[egress].pop();
  }
}

void UpstreamConnections::give_up(std::uint32_t exchange, Instant now) {
  abort_socket(exchange, now);
  release(exchange);
}

void UpstreamConnections::peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  if (connections_[slot].phase == Phase::idle) {
    forget_socket(slot);
    release(slot);
    sockets_.close(socket, now);
  } else {
    abort_socket(slot, now);
    lost(slot, now);
  }
  user_.upstream_moved();
}

void UpstreamConnections::closed(SocketId socket, SocketError, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  forget_socket(slot);
  if (connections_[slot].phase == Phase::idle) {
    release(slot);
  } else {
    lost(slot, now);
  }
  user_.upstream_moved();
}

// The socket is gone; the slot is still the asker's.
void UpstreamConnections::lost(std::uint32_t slot, Instant now) {
  const Connection& connection = connections_[slot];
  const bool nothing_came =
      connection.received + connection.request.response_bytes == connection.answer_end;
  if (connection.was_idle && nothing_came && connect(slot, now)) {
    ++counters_.repeated;
    return;
  }
  fail(slot, now);
}

void UpstreamConnections::fail(std::uint32_t slot, Instant now) {
  const bool idle = connections_[slot].phase == Phase::idle;
  const std::uint32_t asker = connections_[slot].asker;
  if (connections_[slot].socket != 0) abort_socket(slot, now);
  release(slot);
  if (!idle) user_.answer_failed(asker, now);
}

Instant UpstreamConnections::next_deadline() const {
  return std::min(timeouts_.next_deadline(connections_),
                  idle_timeouts_.next_deadline(connections_));
}

void UpstreamConnections::advance(Instant now) {
  std::uint32_t slot = 0;
  while (timeouts_.take_due(connections_, now, slot)) fail(slot, now);
  while (idle_timeouts_.take_due(connections_, now, slot)) {
    const SocketId socket = connections_[slot].socket;
    forget_socket(slot);
    release(slot);
    sockets_.close(socket, now);
  }
}

void UpstreamConnections::abort_socket(std::uint32_t slot, Instant now) {
  const SocketId socket = connections_[slot].socket;
  forget_socket(slot);
  sockets_.abort(socket, now);
}

// Later calls for this socket, closed() among them, find no slot and are passed over.
void UpstreamConnections::forget_socket(std::uint32_t slot) {
  slots_.erase(connections_[slot].socket);
  connections_[slot].socket = 0;
}

void UpstreamConnections::release(std::uint32_t slot) {
  if (connections_[slot].phase != Phase::idle) --busy_;
  connections_.release(slot);
}

}  // namespace elblab::relay
