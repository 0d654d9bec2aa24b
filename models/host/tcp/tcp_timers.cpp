#include "models/host/tcp/tcp_timers.hpp"

#include <algorithm>

#include "models/host/tcp/loss_recovery.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

constexpr std::int64_t kOrphanRetries = 8;  // tcp_orphan_retries 0 means 8

// The time of `retries` doublings from 200 ms, each at most 120 s (tcp_model_timeout).
Duration time_of(std::int64_t retries) {
  constexpr std::int64_t kDoublings = 9;  // log2(120 s / 200 ms)
  constexpr Duration kBase = RoundTripEstimator::kLeastVariance;
  if (retries <= kDoublings) return kBase * ((std::int64_t{2} << retries) - 1);
  return kBase * ((std::int64_t{2} << kDoublings) - 1) +
         RoundTripEstimator::kLargestTimeout * (retries - kDoublings);
}

}  // namespace

Instant TcpTimers::next_deadline() const {
  return std::min(shared_.timers.next_deadline(), shared_.time_waits.next_deadline());
}

void TcpTimers::advance(Instant now) {
  shared_.timers.advance(now, [this, now](TcpConnection& c) { expired(c, now); });
  for (std::uint32_t slot = shared_.time_waits.first_due(now); slot != kNoIndex;
       slot = shared_.time_waits.first_due(now)) {
    lifecycle_.end_time_wait(slot);
  }
}

void TcpTimers::expired(TcpConnection& connection, Instant now) {
  const SocketId id = connection.id();
  if (connection.deliver_pending) deliver_early_data(connection, now);
  TcpConnection* c = shared_.connections.find(id);
  if (c == nullptr) return;
  if (c->ack_deadline <= now) {
    c->ack_deadline = kNever;
    if (c->delayed_ack.scheduled()) output_.send_ack(*c, now);
  }
  if (c->timer != TimerKind::none && c->timer_deadline <= now) {
    fire(*c, now);
    c = shared_.connections.find(id);
    if (c == nullptr) return;
  }
  Instant next = c->ack_deadline;
  if (c->timer != TimerKind::none) next = std::min(next, c->timer_deadline);
  if (next != kNever) shared_.timers.arm(*c, next, now);
}

void TcpTimers::deliver_early_data(TcpConnection& connection, Instant now) {
  const SocketId id = connection.id();
  connection.deliver_pending = false;
  input_.deliver_stored(connection, now);
  TcpConnection* c = shared_.connections.find(id);
  if (c != nullptr && c->fin_received && c->events != nullptr && !c->orphan) {
    c->events->peer_finished(id, now);
    c = shared_.connections.find(id);
  }
  if (c != nullptr && c->state == TcpState::abandoned) {
    lifecycle_.forget(*c, SocketError::connection_reset, now);
  }
}

void TcpTimers::fire(TcpConnection& c, Instant now) {
  const TimerKind kind = c.timer;
  c.timer = TimerKind::none;
  switch (kind) {
    case TimerKind::none:
      return;
    case TimerKind::retransmit:
      retransmission(c, now);
      return;
    case TimerKind::loss_probe:
      if (c.sending != kNoIndex && !shared_.send_states.at(c.sending).segments.empty()) {
        output_.send_loss_probe(c, now);
      }
      return;
    case TimerKind::reordering:
      reordering(c, now);
      return;
    case TimerKind::window_probe:
      window_probe(c, now);
      return;
    case TimerKind::fin_wait_2:
      lifecycle_.finish(c, TcpLifecycle::closed_first(c), SocketError::none, now);
      return;
  }
}

bool TcpTimers::out_of_patience(const TcpConnection& c, Instant now) const {
  const Instant first = shared_.send_states.at(c.sending).first_retransmission;
  if (c.retries == 0 || first == kNever) return false;
  std::int64_t retries = shared_.sysctls().tcp_retries2;
  if (c.orphan) retries = std::min(retries, kOrphanRetries);
  return now - first >= time_of(retries);
}

void TcpTimers::give_up(TcpConnection& c, Instant now) {
  lifecycle_.finish(c, Reason::timed_out, SocketError::timed_out, now);
}

void TcpTimers::retransmission(TcpConnection& c, Instant now) {
  if (c.state == TcpState::syn_sent || (c.state == TcpState::syn_received && c.client)) {
    if (c.state == TcpState::syn_sent) {
      active_.timed_out(c, now);
    } else {
      passive_.timed_out(c, now);
    }
    return;
  }
  if (c.state == TcpState::syn_received) {
    passive_.timed_out(c, now);
    return;
  }
  if (c.sending == kNoIndex || shared_.send_states.at(c.sending).segments.empty()) return;
  if (out_of_patience(c, now)) {
    give_up(c, now);
    return;
  }
  LossRecovery::timed_out(c, shared_.send_states.at(c.sending));
  output_.retransmit_first(c, now);
  ++c.retries;
  if (c.backoff < 16) ++c.backoff;
  output_.arm(c, TimerKind::retransmit, now + c.round_trip.timeout(c.backoff), now);
}

void TcpTimers::reordering(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  SendState& s = shared_.send_states.at(c.sending);
  if (s.segments.empty()) return;
  const Instant next = LossRecovery::reordering_expired(c, s, now);
  output_.send_pending(c, now);
  if (next != kNever) {
    output_.arm(c, TimerKind::reordering, next, now);
  } else {
    output_.arm_retransmission(c, now);
  }
}

void TcpTimers::window_probe(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  std::int64_t most = shared_.sysctls().tcp_retries2;
  if (c.orphan) most = std::min(most, kOrphanRetries);
  if (c.probes >= most) {
    give_up(c, now);
    return;
  }
  output_.send_window_probe(c, now);
  if (!shared_.send_states.at(c.sending).segments.empty()) return;
  ++c.probes;
  output_.arm(c, TimerKind::window_probe, now + c.round_trip.timeout(c.probes), now);
}

}  // namespace elblab::host
