#include "models/host/tcp/active_open.hpp"

#include <algorithm>

#include "models/host/tcp/handshake.hpp"
#include "models/host/tcp/sequence.hpp"
#include "models/host/tcp/tcp_windows.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

constexpr Duration kLeastTimeout = std::chrono::milliseconds(8);  // TCP_TIMEOUT_MIN, HZ 250
constexpr Duration kReuseDelay = std::chrono::seconds(1);

}  // namespace

bool ActiveOpen::reusable(const net::Endpoint& source, const net::Endpoint& destination,
                          Instant now) const {
  const std::int64_t mode = shared_.sysctls().tcp_tw_reuse;
  const bool loopback = source.address.is_loopback() || destination.address.is_loopback() ||
                        shared_.wire.is_own(destination.address);
  if (mode == 0 || (mode == 2 && !loopback)) return false;
  const std::uint32_t handle =
      shared_.find_flow(shared_.flow_hash(source, destination), source, destination);
  if (handle == TcpShared::kNoFlow || !(handle & TcpShared::kTimeWaitBit)) return false;
  const TimeWaitRecord& record = shared_.time_waits.at(handle & ~TcpShared::kTimeWaitBit);
  return record.timestamps && now - record.recent_timestamp_at >= kReuseDelay;
}

bool ActiveOpen::choose_port(net::Endpoint& source, const net::Endpoint& destination,
                             EphemeralPorts::SetId set, Instant now) {
  const auto acceptable = [&](std::uint16_t port) {
    source.port = port;
    return !shared_.listeners.port_taken(port) && reusable(source, destination, now);
  };
  const bool reuse =
      shared_.sysctls().tcp_tw_reuse != 0 &&
      (shared_.sysctls().tcp_tw_reuse == 1 || shared_.wire.is_own(destination.address));
  // Ports that a listener is bound to are passed over, and stay free for bind().
  std::vector<std::uint16_t> bound;
  std::optional<std::uint16_t> port;
  do {
    if (port) bound.push_back(*port);
    port = reuse ? shared_.ports.take(set, acceptable) : shared_.ports.take(set);
  } while (port && shared_.listeners.port_taken(*port));
  for (const std::uint16_t passed : bound) shared_.ports.release(set, passed);
  if (!port) {
    source.port = 0;
    return false;
  }
  source.port = *port;
  return true;
}

void ActiveOpen::refused_locally(const net::Endpoint& source, const net::Endpoint& destination,
                                 Instant now) {
  ++shared_.counters.refused_locally;
  telemetry::ConnectionRecord record;
  record.role = telemetry::ConnectionRole::client;
  record.reason = Reason::address_not_available;
  record.flow = {source, destination, net::Protocol::tcp};
  record.opened_at = record.closed_at = now;
  shared_.log.connection(record);
}

ConnectResult ActiveOpen::connect(net::Endpoint source, const net::Endpoint& destination,
                                  SocketEvents& events, Instant now) {
  if (source.address.is_unspecified()) {
    const net::IpAddress* first = shared_.wire.first_of_family(destination.address.is_v4());
    if (first != nullptr) source.address = *first;
  }
  const ConnectResult refused{0, SocketError::address_not_available};
  if (!shared_.wire.is_own(source.address) ||
      source.address.is_v4() != destination.address.is_v4()) {
    refused_locally(source, destination, now);
    return refused;
  }
  const EphemeralPorts::SetId set = shared_.ports.set_for(source.address, destination, now);
  if (source.port == 0
          ? !choose_port(source, destination, set, now)
          : !shared_.ports.mark(set, source.port) && !reusable(source, destination, now)) {
    refused_locally(source, destination, now);
    return refused;
  }
  const std::uint32_t hash = shared_.flow_hash(source, destination);
  const std::uint32_t handle = shared_.find_flow(hash, source, destination);
  std::uint32_t initial = shared_.initial_sequences.next(source, destination, now);
  std::uint32_t recent = 0;
  if (handle != TcpShared::kNoFlow) {
    if (!(handle & TcpShared::kTimeWaitBit) || !reusable(source, destination, now)) {
      // The flow exists as one that the peer opened: its port is not in our set.
      shared_.ports.release(set, source.port);
      refused_locally(source, destination, now);
      return refused;
    }
    const std::uint32_t slot = handle & ~TcpShared::kTimeWaitBit;
    initial = shared_.time_waits.at(slot).send_next + 65535 + 2;
    recent = shared_.time_waits.at(slot).recent_timestamp;
    lifecycle_.end_time_wait(slot, true);
  }
  TcpConnection& c = lifecycle_.open(source, destination, hash, TcpState::syn_sent, now);
  c.client = true;
  c.accepted = true;
  c.events = &events;
  c.port_set = set;
  c.send_unacknowledged = initial;
  c.recent_timestamp = recent;
  start(c, now);
  return {c.id(), SocketError::none};
}

void ActiveOpen::start(TcpConnection& c, Instant now) {
  const Sysctls& sysctls = shared_.sysctls();
  c.timestamps = sysctls.tcp_timestamps != 0;
  c.sack = sysctls.tcp_sack != 0;
  c.scaling = sysctls.tcp_window_scaling != 0;
  c.send_next = c.send_unacknowledged + 1;
  c.window_limit = first_window(sysctls, shared_.wire.largest_segment(c.local.address.is_v4()));
  c.receive_window = c.window_limit;
  ++shared_.counters.connections_opened;
  output_.send_syn(c, now);
  output_.arm(c, TimerKind::retransmit, now + RoundTripEstimator::kInitialTimeout, now);
}

void ActiveOpen::timed_out(TcpConnection& c, Instant now) {
  const Sysctls& sysctls = shared_.sysctls();
  if (c.retries >= sysctls.tcp_syn_retries + sysctls.tcp_syn_linear_timeouts) {
    lifecycle_.finish(c, Reason::timed_out, SocketError::timed_out, now);
    return;
  }
  ++c.retries;
  ++c.retransmissions;
  ++shared_.counters.retransmissions;
  ++shared_.counters.syn_retransmissions;
  output_.send_syn(c, now);
  if (c.retries > sysctls.tcp_syn_linear_timeouts) ++c.backoff;
  output_.arm(c, TimerKind::retransmit, now + c.round_trip.timeout(c.backoff), now);
}

// tcp_rcv_synsent_state_process
void ActiveOpen::receive(TcpConnection& c, const Segment& segment, Instant now) {
  if (segment.ack()) {
    const std::uint32_t ack = segment.acknowledgment;
    const bool wrong = !after(ack, c.send_unacknowledged) || after(ack, c.send_next);
    if (wrong) {
      // Row 4: reset the peer's idea of this flow and try again at once.
      if (c.retries == 0) {
        output_.arm(c, TimerKind::retransmit, now + kLeastTimeout, now);
      }
      shared_.log.drop(Reason::invalid_state, segment.flow(), now);
      output_.answer_with_reset(segment);
      return;
    }
    if (c.timestamps && segment.options.timestamps && segment.options.timestamps->echo != 0 &&
        !between(segment.options.timestamps->echo, first_timestamp(c),
                 clock_ms(now) + c.timestamp_offset)) {
      shared_.log.drop(Reason::paws_rejected, segment.flow(), now);
      output_.answer_with_reset(segment);
      return;
    }
    if (segment.rst()) {  // row 2
      ++shared_.counters.resets_received;
      lifecycle_.finish(c, Reason::refused_by_peer, SocketError::connection_refused, now);
      return;
    }
    if (!segment.syn()) {
      shared_.log.drop(Reason::invalid_state, segment.flow(), now);
      return;
    }
    established(c, segment, now);
    return;
  }
  if (segment.syn() && !segment.rst()) {
    simultaneous(c, segment, now);
    return;
  }
  shared_.log.drop(Reason::invalid_state, segment.flow(), now);  // row 3 among them
}

void ActiveOpen::take_options(TcpConnection& c, const Segment& segment, Instant now) {
  negotiate(c, segment.options, shared_.wire.largest_segment(c.local.address.is_v4()), now);
  c.receive_next = c.receive_acknowledged = segment.sequence + 1;
  c.window_update_sequence = segment.sequence;
  c.send_window = c.largest_send_window = segment.window;  // never scaled in a SYN
  shared_.limit_segments(c, now);
  begin_window(c, shared_.sysctls(), shared_.largest_received(c), now);
}

void ActiveOpen::established(TcpConnection& c, const Segment& segment, Instant now) {
  take_options(c, segment, now);
  begin_round_trip(c, segment, now);
  if (c.retransmissions > 1 && !answers_first(c, segment)) c.congestion.handshake_lost();
  c.send_unacknowledged = segment.acknowledgment;
  c.retries = c.backoff = 0;
  c.timer = TimerKind::none;
  c.established_at = now;
  c.last_send_ms = clock_ms(now);
  c.last_challenge_ms = 0;
  lifecycle_.set_state(c, TcpState::established);
  ++shared_.counters.connections_established;
  const SocketId id = c.id();
  if (c.send_closed) {
    c.local_fin_first = true;
    lifecycle_.set_state(c, TcpState::fin_wait_1);
  }
  // What the SYN+ACK carries is not taken: it will come again (tcp_rcv_synsent_state_process).
  output_.send_ack(c, now);
  if (c.events != nullptr && !c.orphan) c.events->connected(id, now);
  TcpConnection* still = shared_.connections.find(id);
  if (still != nullptr) output_.send_pending(*still, now);
}

// Both sides sent a SYN (RFC 9293 §3.5, figure 7).
void ActiveOpen::simultaneous(TcpConnection& c, const Segment& segment, Instant now) {
  if (TcpInput::too_old(c, segment, 0)) {
    shared_.log.drop(Reason::paws_rejected, segment.flow(), now);
    return;
  }
  take_options(c, segment, now);
  c.retries = c.backoff = 0;
  lifecycle_.set_state(c, TcpState::syn_received);
  output_.send_syn_ack(c, now);
  output_.arm(c, TimerKind::retransmit, now + RoundTripEstimator::kInitialTimeout, now);
}

// A full socket in SYN_RECEIVED (tcp_rcv_state_process).
void ActiveOpen::receive_crossed(TcpConnection& c, const Segment& segment, Instant now) {
  if (!segment.ack() && !segment.rst() && !segment.syn()) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return;
  }
  if (!input_.acceptable(c, segment, now)) return;
  const std::uint32_t ack = segment.acknowledgment;
  if (!segment.ack() || !after(ack, c.send_unacknowledged) || after(ack, c.send_next)) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    output_.answer_with_reset(segment);
    return;
  }
  begin_round_trip(c, segment, now);
  c.send_unacknowledged = ack;
  c.window_update_sequence = segment.sequence;
  c.send_window = TcpOutput::window_of(c, segment);
  c.largest_send_window = std::max(c.largest_send_window, c.send_window);
  shared_.limit_segments(c, now);
  begin_window(c, shared_.sysctls(), shared_.largest_received(c), now);
  c.retries = c.backoff = 0;
  c.timer = TimerKind::none;
  c.established_at = now;
  c.last_send_ms = clock_ms(now);
  lifecycle_.set_state(c, TcpState::established);
  ++shared_.counters.connections_established;
  const SocketId id = c.id();
  if (c.events != nullptr && !c.orphan) c.events->connected(id, now);
  TcpConnection* still = shared_.connections.find(id);
  if (still != nullptr) input_.take_text(*still, segment, now);
}

}  // namespace elblab::host
