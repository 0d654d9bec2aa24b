#include "models/host/tcp/tcp_input.hpp"

#include <algorithm>

#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

constexpr std::uint32_t kTimestampLife_ms = 24U * 24 * 3600 * 1000;  // RFC 7323 §5.5

void store_timestamp(TcpConnection& c, const Segment& segment, Instant now) {
  if (!c.timestamps || !segment.options.timestamps) return;
  if (after(segment.sequence, c.receive_acknowledged)) return;  // RFC 7323 §4.3 (2)
  if (TcpInput::too_old(c, segment, 0)) return;
  c.recent_timestamp = segment.options.timestamps->value;
  c.recent_timestamp_ms = clock_ms(now);
}

}  // namespace

bool TcpInput::too_old(const TcpConnection& c, const Segment& segment, std::uint32_t slack) {
  if (!c.timestamps || !segment.options.timestamps || c.recent_timestamp == 0) return false;
  const auto age =
      static_cast<std::int32_t>(c.recent_timestamp - segment.options.timestamps->value);
  return age > static_cast<std::int32_t>(slack);
}

void TcpInput::end_by_reset(TcpConnection& c, Instant now) {
  ++shared_.counters.resets_received;
  c.broken_pipe = c.state == TcpState::close_wait;
  c.was_reset = true;
  const bool unread = c.on_demand && !c.orphan && c.receiving != kNoIndex &&
                      !shared_.receive_buffers.at(c.receiving).ready().empty();
  if (c.accepted && !unread) {
    lifecycle_.finish(c, Reason::reset_by_peer, TcpLifecycle::final_error(c), now);
  } else {
    lifecycle_.abandon(c, Reason::reset_by_peer, now);
    if (unread && c.events != nullptr) {
      c.events->failed(c.id(), TcpLifecycle::final_error(c), now);
    }
  }
}

// A pure ACK that others have overtaken within the time that a retransmission would take
// (tcp_disordered_ack).
bool TcpInput::late_pure_ack(const TcpConnection& c, const Segment& segment) {
  const auto timeout_ms = c.round_trip.timeout(c.backoff) / std::chrono::milliseconds(1);
  const auto window_ms = static_cast<std::uint32_t>(timeout_ms * 12 / 10);
  return segment.ack() && segment.sequence == segment.end && segment.sequence == c.receive_next &&
         segment.acknowledgment == c.send_unacknowledged &&
         !TcpOutput::may_update_window(c, segment) && !too_old(c, segment, window_ms);
}

bool TcpInput::acceptable(TcpConnection& c, const Segment& segment, Instant now) {
  // PAWS first (RFC 7323 R1), except for RST; a small step back is reordering of pure ACKs.
  const bool stale = too_old(c, segment, 1) &&
                     clock_ms(now) - c.recent_timestamp_ms < kTimestampLife_ms &&
                     !late_pure_ack(c, segment);
  if (stale && !segment.rst()) {
    shared_.log.drop(Reason::paws_rejected, segment.flow(), now);
    if (segment.syn()) {
      output_.send_challenge_ack(c, now);
    } else {
      output_.send_limited_ack(c, segment, now);
    }
    return false;
  }
  // tcp_sequence(): old when it ends before the last ACK, new when it starts beyond the window.
  const bool in_window = !before(segment.end, c.receive_acknowledged) &&
                         !after(segment.sequence, c.receive_next + c.open_window());
  const bool last_of_closed = segment.sequence == c.receive_next - 1 &&
                              (c.state == TcpState::close_wait || c.state == TcpState::last_ack ||
                               c.state == TcpState::closing);
  if (!in_window) {
    if (segment.rst()) {
      if (last_of_closed) {
        end_by_reset(c, now);
        return false;
      }
    } else if (segment.syn()) {
      output_.send_challenge_ack(c, now);
    } else {
      output_.send_limited_ack(c, segment, now);
    }
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    return false;
  }
  if (segment.rst()) {
    if (segment.sequence == c.receive_next || last_of_closed) {
      end_by_reset(c, now);
    } else if (receiver_.beyond_all_held(c, segment.sequence)) {
      end_by_reset(c, now);  // RFC 5961 with SACK: it follows what was received last
    } else {
      output_.send_challenge_ack(c, now);  // row 9
      shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    }
    return false;
  }
  const bool answers_crossed =
      c.state == TcpState::syn_received && segment.ack() && segment.end == segment.sequence + 1 &&
      segment.end == c.receive_next && segment.acknowledgment == c.send_next;
  if (segment.syn() && !answers_crossed) {
    output_.send_challenge_ack(c, now);  // row 7
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return false;
  }
  return true;
}

void TcpInput::receive(TcpConnection& c, const Segment& segment, Instant now) {
  if (c.state == TcpState::fin_wait_2 && c.orphan) {
    orphan_in_fin_wait_2(c, segment, now);
    return;
  }
  if (!segment.ack() && !segment.rst() && !segment.syn()) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return;
  }
  if (!acceptable(c, segment, now)) return;
  TcpNotices notices;
  if (!acknowledge(c, segment, notices, now)) return;
  if (!change_state(c, segment, now)) return;
  take_and_answer(c, segment, notices, now);
}

void TcpInput::take_and_answer(TcpConnection& c, const Segment& segment, TcpNotices& notices,
                               Instant now) {
  const SocketId id = c.id();
  // Beyond the peer's FIN there can be nothing.
  const bool beyond_fin = c.fin_received && !before(segment.sequence, c.receive_next);
  if (!beyond_fin) receiver_.take_data(c, segment, notices, now);
  output_.send_pending(c, now);
  receiver_.acknowledge_if_due(c, now);
  receiver_.notify(id, notices, now);
  enter_time_wait_if_done(id, now);
}

void TcpInput::enter_time_wait_if_done(SocketId id, Instant now) {
  TcpConnection* c = shared_.connections.find(id);
  if (c == nullptr || c->state != TcpState::fin_wait_2 || !c->fin_received) return;
  lifecycle_.enter_time_wait(*c, now);
}

void TcpInput::take_text(TcpConnection& c, const Segment& segment, Instant now) {
  TcpNotices notices;
  take_and_answer(c, segment, notices, now);
}

bool TcpInput::update_window(TcpConnection& c, const Segment& segment, Instant now) {
  if (!TcpOutput::may_update_window(c, segment)) return false;
  const std::uint32_t window = TcpOutput::window_of(c, segment);
  c.window_update_sequence = segment.sequence;
  c.send_window = window;
  if (window > c.largest_send_window) {
    c.largest_send_window = window;
    shared_.limit_segments(c, now);
  }
  return true;
}

bool TcpInput::acknowledge(TcpConnection& c, const Segment& segment, TcpNotices& notices,
                           Instant now) {
  const std::uint32_t ack = segment.acknowledgment;
  const std::uint32_t una = c.send_unacknowledged;
  if (after(ack, c.send_next)) {
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    output_.send_challenge_ack(c, now);  // RFC 9293 §3.10.7.4
    return false;
  }
  if (before(ack, una)) return old_acknowledgment(c, segment, now);
  store_timestamp(c, segment, now);
  const bool updated = update_window(c, segment, now);
  c.probes = 0;
  c.send_unacknowledged = ack;
  if (after(ack, una)) c.retries = 0;
  if (c.sending == kNoIndex) {
    TransferState* t = shared_.find_transfer(c);
    if (t != nullptr) LossRecovery::acknowledged_idle(c, *t, segment, after(ack, una), updated);
    return true;
  }
  Flight f = shared_.flight(c, now);
  const bool had_flight = !f.sending.segments.empty();
  const LossRecovery::Outcome outcome = LossRecovery::acknowledged(f, segment, una, updated, now);
  if (after(ack, una)) {
    c.bytes_acknowledged += ack - una - (c.fin_acknowledged() ? 1 : 0);
    f.sending.buffer.release_until(c.bytes_acknowledged);
  }
  if (had_flight) {
    set_timer(f, outcome, now);
    output_.send_recovery(f, outcome.retransmit, now);
  } else {
    probe_answered(f, now);
  }
  if (f.sending.segments.empty()) {
    if (c.timer != TimerKind::window_probe && c.timer != TimerKind::fin_wait_2) {
      c.timer = TimerKind::none;
    }
    all_acknowledged(c, notices);
  }
  return true;
}

// Below what is acknowledged already: its SACKs may be news. Further back than anything this
// connection sent, it is a stray or a forgery (RFC 5961 §5.2).
bool TcpInput::old_acknowledgment(TcpConnection& c, const Segment& segment, Instant now) {
  const std::uint64_t acknowledged =
      c.bytes_acknowledged + (c.fin_acknowledged() ? 1 : 0) + (c.client ? 1 : 0);
  const auto most =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(c.largest_send_window, acknowledged));
  if (before(segment.acknowledgment, c.send_unacknowledged - most)) {
    output_.send_challenge_ack(c, now);
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    return false;
  }
  store_timestamp(c, segment, now);
  if (c.sack && segment.options.sack_count > 0 && c.sending != kNoIndex) {
    Flight f = shared_.flight(c, now);
    const LossRecovery::Outcome outcome = LossRecovery::old_acknowledgment(f, segment, now);
    if (outcome.reordering_ends != kNever) {
      output_.arm(c, TimerKind::reordering, outcome.reordering_ends, now);
    }
    output_.send_recovery(f, outcome.retransmit, now);
  }
  return true;
}

void TcpInput::set_timer(Flight f, const LossRecovery::Outcome& outcome, Instant now) {
  if (outcome.reneged_until != kNever) {
    output_.arm(f.connection, TimerKind::retransmit, outcome.reneged_until, now);
  } else if (outcome.reordering_ends != kNever) {
    output_.arm(f.connection, TimerKind::reordering, outcome.reordering_ends, now);
  } else if (outcome.restart_timer) {
    output_.restart_timer(f, now);
  }
}

// An ACK while nothing was in flight may have opened the window, or kept it shut (tcp_ack_probe).
void TcpInput::probe_answered(Flight f, Instant now) {
  TcpConnection& c = f.connection;
  const std::uint64_t waiting = TcpOutput::unsent(c, f.sending);
  const bool fin_waits = c.send_closed && !c.fin_sent;
  if (waiting == 0 && !fin_waits) return;
  const std::uint64_t window = c.send_window;
  if (waiting + (fin_waits ? 1 : 0) <= window) {
    c.backoff = 0;
    if (c.timer == TimerKind::window_probe) c.timer = TimerKind::none;
    return;
  }
  output_.arm(c, TimerKind::window_probe, now + c.round_trip.timeout(c.backoff), now);
}

void TcpInput::all_acknowledged(TcpConnection& c, TcpNotices& notices) {
  const bool unsent = TcpOutput::unsent(c, shared_.send_states.at(c.sending)) > 0;
  const bool waiting = unsent || (c.send_closed && !c.fin_sent);
  if (!unsent) {
    notices.sent_all = c.notify_sent;
    c.notify_sent = false;
  }
  if (!waiting) {
    shared_.send_states.release(c.sending);
    c.sending = kNoIndex;
  }
}

bool TcpInput::change_state(TcpConnection& c, const Segment& segment, Instant now) {
  if (c.fin_acknowledged()) {
    if (c.state == TcpState::last_ack) {
      lifecycle_.finish(c, TcpLifecycle::closed_first(c), SocketError::none, now);
      return false;
    }
    if (c.state == TcpState::closing) {
      lifecycle_.enter_time_wait(c, now);
      return false;
    }
    if (c.state == TcpState::fin_wait_1) {
      lifecycle_.set_state(c, TcpState::fin_wait_2);
      if (c.orphan) {
        c.last_challenge_ms = 0;  // what is kept of it limits its answers anew
        output_.arm(c, TimerKind::fin_wait_2,
                    now + std::chrono::seconds(shared_.sysctls().tcp_fin_timeout), now);
      }
    }
  }
  // Data for an application that is gone, or across the peer's FIN (TCPABORTONDATA): RST, and
  // nothing lingers.
  const bool carries_data = after(segment.end - (segment.fin() ? 1 : 0), c.receive_next) &&
                            segment.end != segment.sequence;
  const bool closing_side = c.state == TcpState::fin_wait_1 || c.state == TcpState::fin_wait_2;
  const bool across_fin = c.fin_received && before(segment.sequence, c.receive_next);
  if (carries_data && ((closing_side && c.orphan) || across_fin)) {
    output_.answer_with_reset(segment);
    c.broken_pipe = c.state == TcpState::close_wait;
    c.was_reset = true;
    lifecycle_.finish(c, Reason::reset_by_local, TcpLifecycle::final_error(c), now);
    return false;
  }
  return true;
}

// tcp_timewait_state_process for the substate FIN_WAIT_2: an orphan is no full socket any more.
void TcpInput::orphan_in_fin_wait_2(TcpConnection& c, const Segment& segment, Instant now) {
  const std::uint32_t window_end = c.receive_next + c.open_window();
  const bool in_window =
      segment.sequence == c.receive_next ||
      (after(segment.end, c.receive_next) && before(segment.sequence, window_end)) ||
      (segment.sequence == segment.end && segment.sequence == window_end);
  if (too_old(c, segment, 0) || !in_window) {
    output_.send_limited_plain_ack(c, segment, now);  // a reset too draws it
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    return;
  }
  if (segment.rst()) {
    end_by_reset(c, now);
    return;
  }
  const bool new_syn = segment.syn() && !before(segment.sequence, c.receive_next);
  const bool nothing_new =
      !segment.ack() || !after(segment.end, c.receive_next) || segment.end == segment.sequence;
  if (!new_syn && nothing_new) return;
  if (new_syn || !segment.fin() || segment.end != c.receive_next + 1) {
    output_.answer_with_reset(segment);
    lifecycle_.finish(c, Reason::reset_by_local, SocketError::connection_reset, now);
    return;
  }
  store_timestamp(c, segment, now);
  ++c.receive_next;
  c.fin_received = true;
  output_.send_plain_ack(c, now);
  lifecycle_.enter_time_wait(c, now);
}

}  // namespace elblab::host
