#include "models/host/tcp/tcp_timers.hpp"

#include <algorithm>

#include "models/host/tcp/initial_sequence.hpp"
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
    acknowledge(*c, now);
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

// A delayed ACK that found nothing to ride on, or one that waited for others of its moment.
void TcpTimers::acknowledge(TcpConnection& c, Instant now) {
  c.ack_deadline = kNever;
  if (!c.delayed_ack.scheduled()) return;
  const TransferState* t = shared_.find_transfer(c);
  if (t == nullptr || !t->ack_compressed) {
    c.delayed_ack.missed(
        static_cast<std::uint32_t>(c.round_trip.timeout(c.backoff) / std::chrono::milliseconds(1)));
  }
  output_.send_ack(c, now);
}

void TcpTimers::deliver_early_data(TcpConnection& connection, Instant now) {
  connection.deliver_pending = false;
  if (!connection.on_demand) receiver_.read(connection, now);
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
        output_.send_loss_probe(shared_.flight(c, now), now);
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

bool TcpTimers::out_of_patience(const TcpConnection& c, Instant now) {
  const std::uint32_t first = shared_.find_transfer(c)->first_resent_ms;
  if (c.retries == 0 || first == 0) return false;
  std::int64_t retries = shared_.sysctls().tcp_retries2;
  if (c.orphan) retries = std::min(retries, kOrphanRetries);
  const std::uint32_t elapsed_ms = clock_ms(now) + c.timestamp_offset - first;
  return std::chrono::milliseconds(elapsed_ms) >= time_of(retries);
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
  const Flight flight = shared_.flight(c, now);
  LossRecovery::timed_out(flight, now);
  output_.retransmit_first(flight, now);
  ++c.retries;
  if (c.backoff < 16) ++c.backoff;
  output_.arm(c, TimerKind::retransmit, now + c.round_trip.timeout(c.backoff), now);
}

void TcpTimers::reordering(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  const Flight flight = shared_.flight(c, now);
  if (flight.sending.segments.empty()) return;
  c.timer = TimerKind::reordering;  // what it has waited counts
  if (LossRecovery::reordering_expired(flight, now)) {
    output_.send_recovery(flight, LossRecovery::Retransmit::lost, now);
  }
  if (c.timer != TimerKind::retransmit) output_.rearm_timeout(flight, now);
}

// tcp_send_probe0
void TcpTimers::window_probe(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  std::int64_t most = shared_.sysctls().tcp_retries2;
  if (c.orphan) most = std::min(most, kOrphanRetries);
  if (c.probes >= most) {
    give_up(c, now);
    return;
  }
  output_.send_window_probe(c, now);
  if (!shared_.send_states.at(c.sending).segments.empty()) {
    c.probes = c.backoff = 0;
    return;
  }
  ++c.probes;
  if (c.backoff < shared_.sysctls().tcp_retries2) ++c.backoff;
  output_.arm(c, TimerKind::window_probe, now + c.round_trip.timeout(c.backoff), now);
}

}  // namespace elblab::host
