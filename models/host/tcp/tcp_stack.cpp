#include "models/host/tcp/tcp_stack.hpp"

#include <algorithm>

#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

bool handshaking(const TcpConnection& c) {
  return c.state == TcpState::syn_sent || c.state == TcpState::syn_received;
}

bool over(const TcpConnection& c) {
  return c.state == TcpState::closed || c.state == TcpState::abandoned;
}

}  // namespace

TcpStack::TcpStack(const HostOptions& options, const random::Stream& stream, HostCounters& counters,
                   HostLog& log, NetworkInterface& wire, SocketNotices& notices)
    : shared_(options, stream, counters, log, wire, notices),
      lifecycle_(shared_),
      output_(shared_),
      receiver_(shared_, lifecycle_, output_),
      input_(shared_, lifecycle_, output_, receiver_),
      active_(shared_, lifecycle_, output_, input_),
      passive_(shared_, lifecycle_, output_, input_),
      time_wait_(shared_, lifecycle_, output_),
      timers_(shared_, lifecycle_, output_, receiver_, active_, passive_) {
  sysctls_changed();
}

void TcpStack::sysctls_changed() {
  shared_.ports.set_range(ephemeral_port(shared_.sysctls().ip_local_port_range_low),
                          ephemeral_port(shared_.sysctls().ip_local_port_range_high));
}

void TcpStack::receive(const Segment& segment, Instant now) {
  const std::uint32_t hash = shared_.flow_hash(segment.local, segment.remote);
  const std::uint32_t handle = shared_.find_flow(hash, segment.local, segment.remote);
  std::optional<std::uint32_t> initial_sequence;
  Listener* listener = nullptr;
  if (handle == TcpShared::kNoFlow) {
    listener = shared_.listeners.find(segment.local);
  } else if (handle & TcpShared::kTimeWaitBit) {
    listener = shared_.listeners.find(segment.local);
    initial_sequence =
        time_wait_.receive(handle & ~TcpShared::kTimeWaitBit, segment, listener != nullptr, now);
    if (!initial_sequence) return;
  } else {
    TcpConnection& c = shared_.connections.at(handle);
    if (c.state == TcpState::syn_sent) {
      active_.receive(c, segment, now);
    } else if (c.state == TcpState::syn_received) {
      if (c.client) {
        active_.receive_crossed(c, segment, now);
      } else {
        passive_.receive(c, segment, now);
      }
    } else {
      input_.receive(c, segment, now);
    }
    return;
  }
  if (listener != nullptr) {
    passive_.receive(*listener, segment, initial_sequence, now);
    return;
  }
  shared_.log.drop(Reason::no_listener, segment.flow(), now);
  output_.answer_with_reset(segment);  // row 1
}

// tcp_v4_err, tcp_v6_err: only a connection that is being opened ends; later ones wait for their
// timers.
void TcpStack::failed(const net::FlowKey& sent, std::uint32_t sequence, const IcmpError& error,
                      Instant now) {
  const std::uint32_t hash = shared_.flow_hash(sent.source, sent.destination);
  const std::uint32_t handle = shared_.find_flow(hash, sent.source, sent.destination);
  if (handle == TcpShared::kNoFlow || (handle & TcpShared::kTimeWaitBit)) return;
  TcpConnection& c = shared_.connections.at(handle);
  if (!handshaking(c)) return;
  if (c.state == TcpState::syn_received && !c.client) {
    if (sequence == c.send_unacknowledged && error.ends_request) {
      passive_.drop(c, Reason::unreachable, now);
    }
  } else if (between(sequence, c.send_unacknowledged, c.send_next)) {
    lifecycle_.finish(c, Reason::unreachable, error.error, now);
  }
}

void TcpStack::packet_too_long(const net::FlowKey& sent, std::uint32_t sequence,
                               std::uint32_t mtu_bytes, Instant now) {
  const std::uint32_t hash = shared_.flow_hash(sent.source, sent.destination);
  const std::uint32_t handle = shared_.find_flow(hash, sent.source, sent.destination);
  if (handle == TcpShared::kNoFlow || (handle & TcpShared::kTimeWaitBit)) return;
  TcpConnection& c = shared_.connections.at(handle);
  if (!between(sequence, c.send_unacknowledged, c.send_next)) return;
  shared_.path_mtu.learn(sent.destination.address, mtu_bytes, now);
  if (handshaking(c)) return;
  const std::uint16_t before = c.send_mss;
  shared_.limit_segments(c, now);
  if (c.send_mss >= before || c.sending == kNoIndex) return;
  const Flight flight = shared_.flight(c, now);
  LossRecovery::cut(flight);
  output_.send_recovery(flight, LossRecovery::Retransmit::lost, now);
  output_.send_pending(c, now);
}

void TcpStack::finish(Instant now) {
  for (std::uint32_t slot = 0; slot < shared_.connections.slots(); ++slot) {
    TcpConnection& c = shared_.connections.at(slot);
    if (over(c)) continue;
    c.events = nullptr;  // the run is over for the applications too
    lifecycle_.finish(c, Reason::run_ended, SocketError::none, now);
  }
}

ConnectResult TcpStack::connect(const net::Endpoint& source, const net::Endpoint& destination,
                                SocketEvents& events, Instant now) {
  return active_.connect(source, destination, events, now);
}

std::optional<ListenerId> TcpStack::listen(const ListenOptions& options, SocketEvents& events) {
  const bool any = options.address.is_unspecified();
  if (options.port == 0 || (!any && !shared_.wire.is_own(options.address))) return std::nullopt;
  const auto backlog = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      options.backlog, 0, std::max<std::int64_t>(shared_.sysctls().somaxconn, 0)));
  const Listener* listener = shared_.listeners.add(options.address, options.port, backlog, events);
  if (listener == nullptr) return std::nullopt;
  return listener->id;
}

void TcpStack::stop_listening(ListenerId id, Instant now) {
  Listener* listener = shared_.listeners.at(id);
  if (listener == nullptr) return;
  passive_.stop(*listener, now);
  shared_.listeners.remove(id);
}

SocketId TcpStack::accept(ListenerId id, SocketEvents& events, Instant now) {
  Listener* listener = shared_.listeners.at(id);
  if (listener == nullptr) return 0;
  const TcpConnection* c = passive_.accept(*listener, events, now);
  return c == nullptr ? 0 : c->id();
}

SendState* TcpStack::writable(TcpConnection* c) {
  if (c == nullptr || c->orphan || c->send_closed || over(*c)) return nullptr;
  if (c->sending == kNoIndex) {
    c->sending = shared_.send_states.acquire(c->bytes_acknowledged);
  }
  return &shared_.send_states.at(c->sending);
}

void TcpStack::written(TcpConnection& c, Instant now) {
  c.notify_sent = true;
  if (!handshaking(c)) output_.send_pending(c, now);
}

SocketError TcpStack::send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  SendState* state = writable(c);
  if (state == nullptr) return SocketError::not_connected;
  if (bytes.empty()) return SocketError::none;
  state->buffer.append(bytes);
  written(*c, now);
  return SocketError::none;
}

SocketError TcpStack::send_pattern(SocketId socket, std::uint64_t bytes, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  SendState* state = writable(c);
  if (state == nullptr) return SocketError::not_connected;
  if (bytes == 0) return SocketError::none;
  state->buffer.append_pattern(bytes);
  written(*c, now);
  return SocketError::none;
}

void TcpStack::close_sending(TcpConnection& c, Instant now) {
  if (c.send_closed) return;
  c.send_closed = true;
  if (c.sending == kNoIndex) {
    c.sending = shared_.send_states.acquire(c.bytes_acknowledged);
  }
  if (c.state == TcpState::established) {
    c.local_fin_first = true;
    lifecycle_.set_state(c, TcpState::fin_wait_1);
  } else if (c.state == TcpState::close_wait) {
    lifecycle_.set_state(c, TcpState::last_ack);
  }
  if (!handshaking(c)) output_.send_pending(c, now);
}

void TcpStack::shutdown(SocketId socket, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  if (c == nullptr || c->orphan || over(*c)) return;
  if (c->state == TcpState::syn_sent) {  // inet_shutdown: the attempt ends
    lifecycle_.finish(*c, Reason::closed_by_local, SocketError::connection_reset, now);
    return;
  }
  close_sending(*c, now);
}

void TcpStack::read_on_demand(SocketId socket) {
  if (TcpConnection* c = shared_.connections.find(socket)) c->on_demand = true;
}

void TcpStack::read(SocketId socket, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  if (c == nullptr || c->orphan || handshaking(*c)) return;
  receiver_.read(*c, now);
}

// What was not read is gone before the reset leaves, and its window tells so.
void TcpStack::empty_receive_buffer(const TcpConnection& c) {
  if (TransferState* t = shared_.find_transfer(c)) t->held = 0;
}

bool TcpStack::has_unread(const TcpConnection& c) {
  return (c.deliver_pending || c.on_demand) && c.receiving != kNoIndex &&
         !shared_.receive_buffers.at(c.receiving).ready().empty();
}

void TcpStack::close(SocketId socket, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  if (c == nullptr || c->orphan) return;
  if (over(*c)) {
    lifecycle_.forget(*c, SocketError::none, now);
    return;
  }
  if (handshaking(*c)) {  // nothing to finish: the connection is forgotten
    lifecycle_.finish(*c, Reason::closed_by_local, SocketError::none, now);
    return;
  }
  if (has_unread(*c)) {  // RST (RFC 2525 §2.17)
    empty_receive_buffer(*c);
    output_.send_reset(*c, now);
    lifecycle_.finish(*c, Reason::reset_by_local, SocketError::none, now);
    return;
  }
  c->orphan = true;
  close_sending(*c, now);
  if (c->state == TcpState::fin_wait_2) {
    c->last_challenge_ms = 0;
    output_.arm(*c, TimerKind::fin_wait_2,
                now + std::chrono::seconds(shared_.sysctls().tcp_fin_timeout), now);
  }
}

// tcp_disconnect: what has sent its FIN, and has nothing else to send, just goes.
bool TcpStack::resets_on_abort(const TcpConnection& c) const {
  if (c.state == TcpState::syn_sent) return false;
  if (c.state != TcpState::closing && c.state != TcpState::last_ack) return true;
  return !c.fin_sent;
}

void TcpStack::abort(SocketId socket, Instant now) {
  TcpConnection* c = shared_.connections.find(socket);
  if (c == nullptr || c->orphan) return;
  if (over(*c)) {
    lifecycle_.forget(*c, SocketError::none, now);
    return;
  }
  if (has_unread(*c)) empty_receive_buffer(*c);
  if (resets_on_abort(*c)) output_.send_reset(*c, now);
  lifecycle_.finish(*c, Reason::reset_by_local, SocketError::none, now);
}

std::size_t TcpStack::accept_queue_length(ListenerId id) const {
  const Listener* listener = shared_.listeners.at(id);
  return listener == nullptr ? 0 : listener->accept_queue.size();
}

TcpStack::Occupancy TcpStack::occupancy() const {
  Occupancy occupancy;
  if (const Listener* fullest = shared_.listeners.fullest()) {
    occupancy.accept_queue = fullest->accept_queue.size();
    occupancy.accept_queue_limit = fullest->accept_queue_limit();
  }
  occupancy.local_ports = local_ports(shared_.sysctls(), shared_.options.addresses);
  return occupancy;
}

std::size_t TcpStack::memory_bytes() const {
  return shared_.connections.memory_bytes() + shared_.flows.memory_bytes() +
         shared_.time_waits.memory_bytes() + shared_.ports.memory_bytes() +
         shared_.transfers.memory_bytes() + shared_.send_states.memory_bytes() +
         shared_.receive_buffers.memory_bytes();
}

}  // namespace elblab::host
