#include "models/workload/short_connections.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"
#include "models/workload/user_sessions.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

ShortConnections::ShortConnections(const ClientParameters& parameters, host::Sockets& sockets,
                                   net::IpAddress source, random::Stream stream)
    : Client(parameters, sockets, source),
      arrivals_(parameters.arrivals, parameters.rate_per_second, stream, parameters.on_off),
      timeouts_(parameters.request_timeout),
      holds_(parameters.hold),
      thinking_(parameters.think_time),
      pausing_(std::max(parameters.think_time, kFailurePause)) {}

void ShortConnections::start(Instant now) {
  const Instant begin = std::max(parameters().begin, now);
  began_ = begin;
  if (closed_loop()) {
    users_begin_ = begin;
  } else {
    arrivals_.start(begin, parameters().end);
  }
}

Instant ShortConnections::next_deadline() const {
  return std::min({arrivals_.next(), users_begin_, timeouts_.next_deadline(requests_),
                   holds_.next_deadline(requests_), thinking_.next_deadline(requests_),
                   pausing_.next_deadline(requests_)});
}

void ShortConnections::advance(Instant now) {
  std::uint32_t slot = 0;
  while (timeouts_.take_due(requests_, now, slot)) timed_out(slot, now);
  while (holds_.take_due(requests_, now, slot)) {
    close_connection(slot, now);
    end_request(slot, false, now);
  }
  // What a zero think time sets now falls due at once; it waits for the next call, so that one
  // call always ends.
  const std::uint32_t users = parameters().connections;
  for (std::uint32_t i = 0; i < users && thinking_.take_due(requests_, now, slot); ++i) {
    begin_request(slot, now);
  }
  while (pausing_.take_due(requests_, now, slot)) begin_request(slot, now);
  if (users_begin_ <= now) begin_users(now);
  while (arrivals_.next() <= now) {
    arrivals_.take();
    begin_request(requests_.acquire().slot, now);
  }
}

void ShortConnections::begin_users(Instant now) {
  users_begin_ = kNever;
  for (std::uint32_t i = 0; i < parameters().connections; ++i) {
    begin_request(requests_.acquire().slot, now);
  }
}

void ShortConnections::begin_request(std::uint32_t slot, Instant now) {
  if (now >= parameters().end) {
    requests_.release(slot);
    return;
  }
  ++counted().requests;
  const std::uint8_t session_step = requests_[slot].session_step;
  requests_[slot] = {};
  requests_[slot].session_step = session_step;
  requests_[slot].wanted_at = now;
  attempt(slot, now);
}

net::Endpoint ShortConnections::source(Instant now) const {
  net::Endpoint source = local();
  const Roaming& roaming = parameters().roaming;
  if (roaming.every > Duration{0}) source.address = roaming.address_after(now - began_);
  return source;
}

void ShortConnections::attempt(std::uint32_t slot, Instant now) {
  const auto result = sockets().connect(source(now), parameters().destination, events(), now);
  Request& request = requests_[slot];
  ++request.attempts;
  request.received = 0;
  request.socket = result.socket;
  if (result.error != SocketError::none) {
    ++counted().refused_locally;
    request.socket = 0;
    count_failure(result.error);
    end_request(slot, true, now);
    return;
  }
  request.phase = Phase::connecting;
  slots_.insert(result.socket, slot);
  timeouts_.set(requests_.renew(slot), now);
}

// A slot is one user for as long as there is one.
RequestHeader ShortConnections::header_of(std::uint32_t slot) {
  std::uint16_t flags = 0;
  if (parameters().closes == Closer::server) {
    flags = parameters().close_with == CloseWith::rst ? request_flag::server_resets
                                                      : request_flag::server_closes;
  }
  RequestHeader header = next_header(flags);
  if (!closed_loop() || !parameters().has_sessions) return header;
  header.flags |= request_flag::of_user;
  header.number = parameters().first_user + slot;
  header.session_step = requests_[slot].session_step;
  return header;
}

void ShortConnections::on_connected(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || requests_[slot].phase != Phase::connecting) return;
  requests_[slot].phase = Phase::awaiting_answer;
  const SocketError error = send_request(sockets(), socket, header_of(slot), 0, now);
  if (error == SocketError::none) return;
  abort_connection(slot, now);
  attempt_failed(slot, error, now);
}

void ShortConnections::on_received(SocketId socket, std::span<const std::uint8_t> bytes,
                                   Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  Request& request = requests_[slot];
  const std::uint64_t before = request.received;
  request.received += bytes.size();
  const bool whole = request.received == parameters().response_bytes;
  if (request.received > parameters().response_bytes || !matches_pattern(bytes, before)) {
    count_damage();
    const bool was_answered = request.phase != Phase::awaiting_answer;
    abort_connection(slot, now);
    if (was_answered) {  // counted already; what came later is noted as damage only
      end_request(slot, false, now);
    } else {
      attempt_failed(slot, SocketError::none, now);
    }
    return;
  }
  if (whole && request.phase == Phase::awaiting_answer) answered(slot, now);
}

void ShortConnections::on_sent_all(SocketId socket, Instant now) {
  if (parameters().response_bytes != 0) return;
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || requests_[slot].phase != Phase::awaiting_answer) return;
  answered(slot, now);
}

void ShortConnections::answered(std::uint32_t slot, Instant now) {
  Request& request = requests_[slot];
  count_response(request.wanted_at, now);
  request.session_step = next_session_step(request.session_step);
  if (parameters().closes == Closer::server) {
    request.phase = Phase::awaiting_close;
    return;
  }
  if (parameters().hold > Duration{0}) {
    request.phase = Phase::holding;
    holds_.set(requests_.renew(slot), now);
    return;
  }
  close_connection(slot, now);
  end_request(slot, false, now);
}

void ShortConnections::on_peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  const Phase phase = requests_[slot].phase;
  if (phase == Phase::holding) return;  // this side closes when it meant to
  if (phase == Phase::awaiting_close) {
    sockets().close(socket, now);
    forget_socket(slot);
    end_request(slot, false, now);
    return;
  }
  abort_connection(slot, now);
  attempt_failed(slot, SocketError::none, now);
}

void ShortConnections::on_closed(SocketId socket, SocketError error, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  const Phase phase = requests_[slot].phase;
  forget_socket(slot);
  if (phase == Phase::holding || phase == Phase::awaiting_close) {
    end_request(slot, false, now);  // the answer was whole; RST is one way for a server to close
  } else {
    attempt_failed(slot, error, now);
  }
}

void ShortConnections::timed_out(std::uint32_t slot, Instant now) {
  if (requests_[slot].phase == Phase::awaiting_close) {  // the server does not close: we do
    close_connection(slot, now);
    end_request(slot, false, now);
    return;
  }
  abort_connection(slot, now);
  attempt_failed(slot, SocketError::timed_out, now);
}

void ShortConnections::attempt_failed(std::uint32_t slot, SocketError error, Instant now) {
  if (requests_[slot].attempts <= parameters().retries) {
    ++counted().retries;
    attempt(slot, now);
    return;
  }
  count_failure(error);
  end_request(slot, true, now);
}

void ShortConnections::close_connection(std::uint32_t slot, Instant now) {
  const SocketId socket = requests_[slot].socket;
  if (socket == 0) return;
  forget_socket(slot);
  const bool reset =
      parameters().closes == Closer::client && parameters().close_with == CloseWith::rst;
  if (reset) {
    sockets().abort(socket, now);
  } else {
    sockets().close(socket, now);
  }
}

void ShortConnections::abort_connection(std::uint32_t slot, Instant now) {
  const SocketId socket = requests_[slot].socket;
  forget_socket(slot);
  sockets().abort(socket, now);
}

// Later calls for this socket, closed() among them, find no slot and are passed over.
void ShortConnections::forget_socket(std::uint32_t slot) {
  slots_.erase(requests_[slot].socket);
  requests_[slot].socket = 0;
}

void ShortConnections::end_request(std::uint32_t slot, bool failed, Instant now) {
  if (!closed_loop()) {
    requests_.release(slot);
    return;
  }
  requests_[slot].phase = Phase::thinking;
  (failed ? pausing_ : thinking_).set(requests_.renew(slot), now);
}

}  // namespace elblab::workload
