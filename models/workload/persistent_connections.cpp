#include "models/workload/persistent_connections.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

PersistentConnections::PersistentConnections(const ClientParameters& parameters,
                                             host::Sockets& sockets, net::IpAddress source,
                                             random::Stream stream)
    : Client(parameters, sockets, source),
      arrivals_(parameters.arrivals, parameters.rate_per_second, stream, parameters.on_off),
      connect_timeouts_(parameters.request_timeout),
      timeouts_(parameters.request_timeout),
      thinking_(parameters.think_time),
      pausing_(kFailurePause) {}

void PersistentConnections::start(Instant now) {
  begin_ = std::max(parameters().begin, now);
  end_ = std::max(parameters().end, begin_);
  arrivals_.start(begin_, end_);
}

Instant PersistentConnections::next_deadline() const {
  Instant queued = kNever;
  if (!waiting_.empty() && kNever - waiting_.front().queued_at > parameters().request_timeout) {
    queued = waiting_.front().queued_at + parameters().request_timeout;
  }
  return std::min({begin_, end_, arrivals_.next(), queued,
                   connect_timeouts_.next_deadline(connections_),
                   timeouts_.next_deadline(connections_), thinking_.next_deadline(connections_),
                   pausing_.next_deadline(connections_)});
}

void PersistentConnections::advance(Instant now) {
  if (begin_ <= now) open_all(now);
  std::uint32_t slot = 0;
  while (connect_timeouts_.take_due(connections_, now, slot) ||
         timeouts_.take_due(connections_, now, slot)) {
    abort_socket(slot, now);
    lose(slot, SocketError::timed_out, now);
  }
  expire_queued(now);
  if (end_ <= now) end_all(now);
  while (pausing_.take_due(connections_, now, slot)) open(slot, now);
  while (thinking_.take_due(connections_, now, slot)) {
    ++counted().requests;
    ask(slot, {now, now, 0}, now);
  }
  while (arrivals_.next() <= now) {
    arrivals_.take();
    ++counted().requests;
    want_request({now, now, 0}, now);
  }
}

void PersistentConnections::open_all(Instant now) {
  begin_ = kNever;
  for (std::uint32_t i = 0; i < parameters().connections; ++i) {
    open(connections_.acquire().slot, now);
  }
}

void PersistentConnections::end_all(Instant now) {
  end_ = kNever;
  ended_ = true;
  for (std::uint32_t slot = 0; slot < connections_.capacity(); ++slot) {
    if (!connections_.used(slot)) continue;
    const Phase phase = connections_[slot].phase;
    const bool needed = phase == Phase::busy || !waiting_.empty();
    if (!needed) close_connection(slot, now);
  }
}

void PersistentConnections::open(std::uint32_t slot, Instant now) {
  if (ended_ && waiting_.empty()) {
    connections_.release(slot);
    return;
  }
  const auto result = sockets().connect(local(), parameters().destination, events(), now);
  connections_[slot] = {};
  if (result.error != SocketError::none) {
    ++counted().refused_locally;
    pausing_.set(connections_.renew(slot), now);
    return;
  }
  connections_[slot].socket = result.socket;
  set_phase(slot, Phase::connecting);
  slots_.insert(result.socket, slot);
  connect_timeouts_.set(connections_.renew(slot), now);
}

void PersistentConnections::on_connected(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || connections_[slot].phase != Phase::connecting) return;
  const bool closed_loop = parameters().rate_per_second <= 0 && parameters().think_time.count() > 0;
  if (!closed_loop || !waiting_.empty() || ended_) {
    became_idle(slot, now);
    return;
  }
  set_phase(slot, Phase::idle);
  ++counted().requests;
  ask(slot, {now, now, 0}, now);
}

void PersistentConnections::became_idle(std::uint32_t slot, Instant now) {
  set_phase(slot, Phase::idle);
  if (!waiting_.empty()) {
    const Request request = waiting_.front();
    waiting_.pop();
    ask(slot, request, now);
    return;
  }
  if (ended_) {
    close_connection(slot, now);
  } else if (parameters().rate_per_second <= 0 && parameters().think_time.count() > 0) {
    set_phase(slot, Phase::thinking);
    thinking_.set(connections_.renew(slot), now);
  } else {
    idle_.push(connections_.renew(slot));
  }
}

void PersistentConnections::want_request(const Request& request, Instant now) {
  std::uint32_t slot = 0;
  if (waiting_.empty() && take_idle(slot)) {
    ask(slot, request, now);
  } else {
    waiting_.push(request);
  }
}

bool PersistentConnections::take_idle(std::uint32_t& slot) {
  while (!idle_.empty()) {
    const SlotRef ref = idle_.front();
    idle_.pop();
    if (!connections_.current(ref)) continue;
    slot = ref.slot;
    return true;
  }
  return false;
}

void PersistentConnections::ask(std::uint32_t slot, const Request& request, Instant now) {
  Connection& connection = connections_[slot];
  connection.request = request;
  ++connection.request.attempts;
  connection.answer_end = connection.received + parameters().response_bytes;
  set_phase(slot, Phase::busy);
  // Requests leave the queue in the order of queued_at, so these fall due in order too. (In a
  // closed loop with retries one may be seen late, by no more than a reconnect takes.)
  timeouts_.set(connections_.renew(slot), request.queued_at);
  const std::uint64_t offset = connection.sent;
  connection.sent += parameters().request_bytes;
  const SocketError error = send_request(sockets(), connection.socket, next_header(0), offset, now);
  if (error == SocketError::none) return;
  abort_socket(slot, now);
  lose(slot, error, now);
}

void PersistentConnections::on_received(SocketId socket, std::span<const std::uint8_t> bytes,
                                        Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  Connection& connection = connections_[slot];
  const std::uint64_t before = connection.received;
  connection.received += bytes.size();
  if (connection.received > connection.answer_end || !matches_pattern(bytes, before)) {
    count_damage();
    abort_socket(slot, now);
    lose(slot, SocketError::none, now);
    return;
  }
  if (connection.phase == Phase::busy && connection.received == connection.answer_end) {
    answered(slot, now);
  }
}

void PersistentConnections::on_sent_all(SocketId socket, Instant now) {
  if (parameters().response_bytes != 0) return;
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone && connections_[slot].phase == Phase::busy) answered(slot, now);
}

void PersistentConnections::answered(std::uint32_t slot, Instant now) {
  count_response(connections_[slot].request.wanted_at, now);
  became_idle(slot, now);
}

void PersistentConnections::on_peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  if (connections_[slot].phase == Phase::busy) {
    abort_socket(slot, now);
  } else {
    forget_socket(slot);
    sockets().close(socket, now);
  }
  lose(slot, SocketError::none, now);
}

void PersistentConnections::on_closed(SocketId socket, SocketError error, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  forget_socket(slot);
  lose(slot, error, now);
}

// The connection's socket is gone already; the slot goes on with a new one.
void PersistentConnections::lose(std::uint32_t slot, SocketError error, Instant now) {
  const Phase phase = connections_[slot].phase;
  const Request request = connections_[slot].request;
  set_phase(slot, Phase::pausing);
  if (phase == Phase::connecting) {
    ++counted().connect_failures;
    pausing_.set(connections_.renew(slot), now);
    return;
  }
  if (phase == Phase::busy) {
    request_failed(request, error, now);
  } else {
    ++counted().connections_lost;
  }
  open(slot, now);
}

void PersistentConnections::request_failed(Request request, SocketError error, Instant now) {
  if (request.attempts > parameters().retries) {
    count_failure(error);
    return;
  }
  ++counted().retries;
  request.queued_at = now;
  want_request(request, now);
}

void PersistentConnections::expire_queued(Instant now) {
  while (!waiting_.empty() && now - waiting_.front().queued_at >= parameters().request_timeout) {
    waiting_.pop();
    count_failure(SocketError::timed_out);
  }
}

void PersistentConnections::close_connection(std::uint32_t slot, Instant now) {
  const SocketId socket = connections_[slot].socket;
  const bool reset = parameters().close_with == CloseWith::rst;
  set_phase(slot, Phase::pausing);
  if (socket != 0) {
    forget_socket(slot);
    if (reset) {
      sockets().abort(socket, now);
    } else {
      sockets().close(socket, now);
    }
  }
  connections_.release(slot);
}

void PersistentConnections::abort_socket(std::uint32_t slot, Instant now) {
  const SocketId socket = connections_[slot].socket;
  forget_socket(slot);
  sockets().abort(socket, now);
}

void PersistentConnections::forget_socket(std::uint32_t slot) {
  slots_.erase(connections_[slot].socket);
  connections_[slot].socket = 0;
}

void PersistentConnections::set_phase(std::uint32_t slot, Phase phase) {
  Phase& current = connections_[slot].phase;
  if (established_phase(current)) --established_;
  if (established_phase(phase)) ++established_;
  current = phase;
}

}  // namespace elblab::workload
