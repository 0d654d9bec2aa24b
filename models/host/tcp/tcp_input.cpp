#include "models/host/tcp/tcp_input.hpp"

#include <algorithm>

#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/sequence.hpp"
#include "models/host/tcp/tcp_windows.hpp"

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
  if (c.accepted) {
    lifecycle_.finish(c, Reason::reset_by_peer, SocketError::connection_reset, now);
  } else {
    lifecycle_.abandon(c, Reason::reset_by_peer, now);
  }
}

bool TcpInput::acceptable(TcpConnection& c, const Segment& segment, Instant now) {
  // PAWS first (RFC 7323 R1), except for RST; a small step back is reordering of pure ACKs.
  const bool stale =
      too_old(c, segment, 1) && clock_ms(now) - c.recent_timestamp_ms < kTimestampLife_ms &&
      !(segment.payload.empty() && segment.sequence == c.receive_next &&
        segment.acknowledgment == c.send_unacknowledged && !segment.syn() && !segment.fin());
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
    } else {
      output_.send_challenge_ack(c, now);  // row 9
      shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    }
    return false;
  }
  if (segment.syn()) {
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
  if (!acceptable(c, segment, now)) return;
  if (!segment.ack()) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return;
  }
  Notices notices;
  if (!acknowledge(c, segment, notices, now)) return;
  if (!change_state(c, segment, now)) return;
  const SocketId id = c.id();
  take_data(c, segment, notices, now);
  if (shared_.connections.find(id) == nullptr) return;
  output_.send_pending(c, now);
  acknowledge_if_due(c, now);
  notify(id, notices, now);
  enter_time_wait_if_done(id, now);
}

void TcpInput::enter_time_wait_if_done(SocketId id, Instant now) {
  TcpConnection* c = shared_.connections.find(id);
  if (c != nullptr && c->state == TcpState::fin_wait_2 && c->fin_received) {
    lifecycle_.enter_time_wait(*c, now);
  }
}

void TcpInput::take_text(TcpConnection& c, const Segment& segment, Instant now) {
  const SocketId id = c.id();
  Notices notices;
  take_data(c, segment, notices, now);
  output_.send_pending(c, now);
  acknowledge_if_due(c, now);
  notify(id, notices, now);
}

void TcpInput::update_window(TcpConnection& c, const Segment& segment) {
  const std::uint32_t window = std::uint32_t{segment.window} << (segment.syn() ? 0 : c.send_scale);
  const std::uint32_t ack = segment.acknowledgment;
  const bool newer =
      after(ack, c.send_unacknowledged) || after(segment.sequence, c.window_update_sequence) ||
      (segment.sequence == c.window_update_sequence && (window > c.send_window || window == 0));
  if (!newer) return;
  c.window_update_sequence = segment.sequence;
  c.send_window = window;
  c.largest_send_window = std::max(c.largest_send_window, window);
}

bool TcpInput::acknowledge(TcpConnection& c, const Segment& segment, Notices& notices,
                           Instant now) {
  const std::uint32_t ack = segment.acknowledgment;
  if (after(ack, c.send_next)) {
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    output_.send_challenge_ack(c, now);  // RFC 9293 §3.10.7.4
    return false;
  }
  if (before(ack, c.send_unacknowledged)) {
    if (before(ack, c.send_unacknowledged - c.largest_send_window)) {
      output_.send_challenge_ack(c, now);  // RFC 5961 §5.2
      shared_.log.drop(Reason::out_of_window, segment.flow(), now);
      return false;
    }
    store_timestamp(c, segment, now);
    return true;
  }
  const std::uint32_t window_before = c.send_window;
  store_timestamp(c, segment, now);
  update_window(c, segment);
  c.probes = 0;
  if (c.sending == kNoIndex) return true;
  SendState& s = shared_.send_states.at(c.sending);
  const bool duplicate = ack == c.send_unacknowledged && segment.sequence == segment.end &&
                         !s.segments.empty() && c.send_window == window_before;
  const std::uint32_t acknowledged_before = c.send_unacknowledged;
  const LossRecovery::Outcome outcome = LossRecovery::acknowledged(c, s, segment, duplicate, now);
  if (outcome.advanced) {
    std::uint32_t bytes = ack - acknowledged_before;
    if (c.fin_acknowledged()) --bytes;
    c.bytes_acknowledged += bytes;
    s.buffer.release_until(c.bytes_acknowledged);
    if (s.probe_outstanding && !before(ack, s.probe_end)) s.probe_outstanding = false;
  }
  if (s.segments.empty()) {
    if (c.timer != TimerKind::window_probe) c.timer = TimerKind::none;
    all_acknowledged(c, notices);
    if (c.sending != kNoIndex && c.timer == TimerKind::window_probe &&
        c.send_window > window_before) {
      c.timer = TimerKind::none;  // send_pending() decides anew
    }
  } else if (outcome.reordering_ends != kNever) {
    output_.arm(c, TimerKind::reordering, outcome.reordering_ends, now);
  } else if (outcome.advanced || c.timer == TimerKind::reordering) {
    output_.arm_retransmission(c, now);
  }
  return true;
}

void TcpInput::all_acknowledged(TcpConnection& c, Notices& notices) {
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
        output_.arm(c, TimerKind::fin_wait_2,
                    now + std::chrono::seconds(shared_.sysctls().tcp_fin_timeout), now);
      }
    }
  }
  // Data for an application that is gone (TCPABORTONDATA): RST, and nothing lingers.
  const bool carries_data = after(segment.end - (segment.fin() ? 1 : 0), c.receive_next) &&
                            segment.end != segment.sequence;
  const bool closing_side = c.state == TcpState::fin_wait_1 || c.state == TcpState::fin_wait_2;
  if (closing_side && c.orphan && carries_data) {
    output_.answer_with_reset(segment);
    lifecycle_.finish(c, Reason::reset_by_local, SocketError::connection_reset, now);
    return false;
  }
  return true;
}

// tcp_timewait_state_process for the substate FIN_WAIT_2: an orphan is no full socket any more.
void TcpInput::orphan_in_fin_wait_2(TcpConnection& c, const Segment& segment, Instant now) {
  const bool in_window = !before(segment.end, c.receive_next) &&
                         !after(segment.sequence, c.receive_next + c.open_window());
  if (too_old(c, segment, 0) || !in_window) {
    if (!segment.rst()) output_.send_limited_ack(c, segment, now);
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
  output_.send_ack(c, now);
  lifecycle_.enter_time_wait(c, now);
}

bool TcpInput::holds_beyond(const TcpConnection& c) {
  return c.receiving != kNoIndex &&
         shared_.receive_buffers.at(c.receiving).holds_beyond(c.receive_next);
}

ReceiveBuffer& TcpInput::receive_buffer(TcpConnection& c) {
  if (c.receiving == kNoIndex) c.receiving = shared_.receive_buffers.acquire(c.receive_next);
  return shared_.receive_buffers.at(c.receiving);
}

void TcpInput::take_data(TcpConnection& c, const Segment& segment, Notices& notices, Instant now) {
  if (segment.sequence == segment.end || c.fin_received) {
    // After the FIN only repeats can come; they are acknowledged again.
    if (segment.sequence != segment.end) c.delayed_ack.hurry(c.receive_window);
    return;
  }
  const std::uint32_t text = segment.sequence + (segment.syn() ? 1 : 0);
  const std::uint32_t limit = c.receive_next + c.open_window();
  if (!after(segment.end, c.receive_next)) {  // a repeat
    c.duplicate_begin = segment.sequence;
    c.duplicate_end = segment.end;
    c.delayed_ack.hurry(c.receive_window);
    return;
  }
  if (!before(text, limit) && !segment.payload.empty()) {  // a probe of a shut window
    c.delayed_ack.hurry(c.receive_window);
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    return;
  }
  if (after(text, c.receive_next)) {
    receive_buffer(c).store(text, segment.payload);
    if (segment.fin()) {
      c.fin_pending = true;
      c.fin_sequence = segment.end - 1;
    }
    c.delayed_ack.hurry(c.receive_window);
    output_.send_ack(c, now);
    return;
  }
  take_in_order(c, segment, notices, now);
}

void TcpInput::take_in_order(TcpConnection& c, const Segment& segment, Notices& notices,
                             Instant now) {
  const std::uint32_t text = segment.sequence + (segment.syn() ? 1 : 0);
  const std::uint32_t text_end = text + segment.payload_size();
  std::uint32_t fresh = text_end - c.receive_next;
  if (before(text_end, c.receive_next)) fresh = 0;
  const auto payload = segment.payload.last(fresh);
  if (before(text, c.receive_next)) {
    c.duplicate_begin = text;
    c.duplicate_end = c.receive_next;
  }
  const bool had_gap = holds_beyond(c);
  if (fresh > 0) {
    const bool direct = c.accepted && !c.orphan && !c.deliver_pending;
    if (direct) {
      notices.payload = payload;
      if (c.receiving != kNoIndex) shared_.receive_buffers.at(c.receiving).consume(fresh);
    } else {
      receive_buffer(c).store(c.receive_next, payload);
    }
    c.receive_next += fresh;
    c.bytes_received += fresh;
    grow_window(c, shared_.sysctls(), fresh);
    const auto timeout_ms =
        static_cast<std::uint32_t>(c.round_trip.timeout() / std::chrono::milliseconds(1));
    c.delayed_ack.received(static_cast<std::uint16_t>(std::min<std::size_t>(payload.size(), 65535)),
                           c.receive_window, clock_ms(now), timeout_ms);
  }
  if (c.receiving != kNoIndex) {
    // What waited behind the gap is in order now.
    const std::uint32_t end = shared_.receive_buffers.at(c.receiving).contiguous_end();
    if (after(end, c.receive_next)) {
      c.bytes_received += end - c.receive_next;
      c.receive_next = end;
    }
  }
  if (had_gap && !holds_beyond(c)) c.ack_now = true;  // the gap is filled (RFC 5681 §4.2)
  if (segment.fin() || (c.fin_pending && c.fin_sequence == c.receive_next)) take_fin(c, notices);
}

void TcpInput::take_fin(TcpConnection& c, Notices& notices) {
  ++c.receive_next;
  c.fin_received = true;
  notices.finished = true;
  c.delayed_ack.schedule();
  switch (c.state) {
    case TcpState::established:
      lifecycle_.set_state(c, TcpState::close_wait);
      c.delayed_ack.set_interactive();
      break;
    case TcpState::fin_wait_1:
      lifecycle_.set_state(c, TcpState::closing);
      c.ack_now = true;
      break;
    case TcpState::fin_wait_2:
      c.ack_now = true;  // TIME_WAIT follows the ACK
      break;
    default:
      break;
  }
}

void TcpInput::acknowledge_if_due(TcpConnection& c, Instant now) {
  if (!c.delayed_ack.scheduled()) return;
  if (c.ack_now || holds_beyond(c) || c.delayed_ack.due(c.receive_next - c.receive_acknowledged)) {
    c.ack_now = false;
    output_.send_ack(c, now);
    return;
  }
  if (c.ack_deadline == kNever) {
    c.ack_deadline = now + std::chrono::milliseconds(c.delayed_ack.delay_ms());
    shared_.timers.arm(c, c.ack_deadline, now);
  }
}

void TcpInput::notify(SocketId id, const Notices& notices, Instant now) {
  // The application may do anything in a call, so the connection is looked up before each.
  TcpConnection* c = shared_.connections.find(id);
  const auto listening = [&] { return c != nullptr && c->events != nullptr && !c->orphan; };
  if (!notices.payload.empty() && listening()) {
    c->events->received(id, notices.payload, now);
    c = shared_.connections.find(id);
  }
  if (c != nullptr && c->accepted && c->receiving != kNoIndex) {
    deliver_stored(*c, now);
    c = shared_.connections.find(id);
  }
  if (notices.finished && listening()) {
    c->events->peer_finished(id, now);
    c = shared_.connections.find(id);
  }
  if (notices.sent_all && listening()) c->events->sent_all(id, now);
}

void TcpInput::deliver_stored(TcpConnection& first, Instant now) {
  const SocketId id = first.id();
  TcpConnection* c = &first;
  while (c != nullptr && c->receiving != kNoIndex) {
    ReceiveBuffer& buffer = shared_.receive_buffers.at(c->receiving);
    const std::span<const std::uint8_t> ready = buffer.ready();
    if (ready.empty()) {
      if (buffer.empty()) {
        shared_.receive_buffers.release(c->receiving);
        c->receiving = kNoIndex;
      }
      return;
    }
    if (c->events != nullptr && !c->orphan) c->events->received(id, ready, now);
    c = shared_.connections.find(id);
    if (c != nullptr && c->receiving != kNoIndex) {
      shared_.receive_buffers.at(c->receiving).consume(static_cast<std::uint32_t>(ready.size()));
    }
  }
}

}  // namespace elblab::host
