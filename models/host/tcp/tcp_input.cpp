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
    } else if (beyond_all_held(c, segment.sequence)) {
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

bool TcpInput::beyond_all_held(const TcpConnection& c, std::uint32_t sequence) {
  return c.sack && holds_beyond(c) && shared_.receive_buffers.at(c.receiving).end() == sequence;
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
  Notices notices;
  if (!acknowledge(c, segment, notices, now)) return;
  if (!change_state(c, segment, now)) return;
  take_and_answer(c, segment, notices, now);
}

void TcpInput::take_and_answer(TcpConnection& c, const Segment& segment, Notices& notices,
                               Instant now) {
  const SocketId id = c.id();
  // Beyond the peer's FIN there can be nothing.
  const bool beyond_fin = c.fin_received && !before(segment.sequence, c.receive_next);
  if (!beyond_fin) take_data(c, segment, notices, now);
  output_.send_pending(c, now);
  acknowledge_if_due(c, now);
  notify(id, notices, now);
  enter_time_wait_if_done(id, now);
}

void TcpInput::enter_time_wait_if_done(SocketId id, Instant now) {
  TcpConnection* c = shared_.connections.find(id);
  if (c == nullptr || c->state != TcpState::fin_wait_2 || !c->fin_received) return;
  lifecycle_.enter_time_wait(*c, now);
}

void TcpInput::take_text(TcpConnection& c, const Segment& segment, Instant now) {
  Notices notices;
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

bool TcpInput::acknowledge(TcpConnection& c, const Segment& segment, Notices& notices,
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

bool TcpInput::holds_beyond(const TcpConnection& c) const {
  return c.receiving != kNoIndex &&
         shared_.receive_buffers.at(c.receiving).holds_beyond(c.receive_next);
}

ReceiveBuffer& TcpInput::receive_buffer(TcpConnection& c) {
  if (c.receiving == kNoIndex) c.receiving = shared_.receive_buffers.acquire(c.receive_next);
  return shared_.receive_buffers.at(c.receiving);
}

// tcp_data_queue
void TcpInput::take_data(TcpConnection& c, const Segment& segment, Notices& notices, Instant now) {
  if (segment.sequence == segment.end) return;
  report_duplicate(c, 0, 0);  // one that has not left yet is not told any more
  TransferState& t = shared_.transfer(c, now);
  measure_round_by_echo(c, t, segment, now);
  const std::uint32_t text = segment.sequence + (segment.syn() ? 1 : 0);
  const std::uint32_t window = c.open_window();
  if (text == c.receive_next) {
    const bool bare_fin = segment.payload.empty() && segment.fin();
    if (window == 0 && !bare_fin) {
      refuse(c, segment, now);
      return;
    }
    take_in_order(c, segment, notices, now);
    return;
  }
  if (!after(segment.end, c.receive_next)) {  // a repeat
    report_duplicate(c, segment.sequence, segment.end);
    c.delayed_ack.hurry(c.receive_window);
    return;
  }
  if (!before(text, c.receive_next + window)) {  // a probe of a shut window
    refuse(c, segment, now);
    return;
  }
  if (before(text, c.receive_next)) {
    report_duplicate(c, text, c.receive_next);
    if (window == 0) {
      refuse(c, segment, now);
      return;
    }
    take_in_order(c, segment, notices, now);
    return;
  }
  take_out_of_order(c, t, segment);
}

void TcpInput::refuse(TcpConnection& c, const Segment& segment, Instant now) {
  c.delayed_ack.hurry(c.receive_window);
  shared_.log.drop(Reason::out_of_window, segment.flow(), now);
}

void TcpInput::report_duplicate(TcpConnection& c, std::uint32_t begin, std::uint32_t end) {
  c.duplicate_begin = begin;
  c.duplicate_end = end;
}

void TcpInput::take_out_of_order(TcpConnection& c, TransferState& t, const Segment& segment) {
  measure_segment(c, t, segment, shared_.largest_received(c));
  c.delayed_ack.schedule();
  ReceiveBuffer& buffer = receive_buffer(c);
  if (const auto known = buffer.overlap(segment.sequence, segment.end)) {
    report_duplicate(c, known->begin, known->end);
  }
  const bool first = !buffer.holds_beyond(c.receive_next) && !c.fin_pending;
  if (segment.fin()) {
    c.fin_pending = true;
    c.fin_sequence = segment.end - 1;
  }
  buffer.store(segment.sequence, segment.payload, segment.fin());
  hold_packet(t, segment, false);
  if (c.sack && !first) {
    grow_window(c, t, shared_.sysctls(), segment, shared_.largest_received(c));
  }
}

void TcpInput::take_in_order(TcpConnection& c, const Segment& segment, Notices& notices,
                             Instant now) {
  const std::uint32_t text = segment.sequence + (segment.syn() ? 1 : 0);
  const std::uint32_t text_end = text + segment.payload_size();
  const std::uint32_t fresh = after(text_end, c.receive_next) ? text_end - c.receive_next : 0;
  const bool had_gap = holds_beyond(c);
  if (fresh > 0) take_fresh(c, segment, fresh, notices, now);
  bool finished = segment.fin();
  if (c.receiving != kNoIndex) {
    ReceiveBuffer& buffer = shared_.receive_buffers.at(c.receiving);
    // What waited behind the gap is in order now; what was sent twice of it is told.
    const std::uint32_t end = buffer.contiguous_end();
    if (had_gap && fresh > 0) {
      if (const auto again = buffer.covered_again()) report_duplicate(c, again->begin, again->end);
    }
    const bool fin_in_order = c.fin_pending && !after(c.fin_sequence, end);
    const std::uint32_t data_end = fin_in_order ? c.fin_sequence : end;
    if (!finished && after(data_end, c.receive_next)) {
      c.bytes_received += data_end - c.receive_next;
      c.receive_next = data_end;
    }
    finished = finished || fin_in_order;
  }
  if (finished) {
    take_fin(c, notices, now);
  } else if (had_gap && !holds_beyond(c)) {
    c.ack_now = true;  // the gap is filled (RFC 5681 §4.2)
  }
}

void TcpInput::take_fresh(TcpConnection& c, const Segment& segment, std::uint32_t fresh,
                          Notices& notices, Instant now) {
  TransferState& t = shared_.transfer(c, now);
  const auto payload = segment.payload.last(fresh);
  const bool direct = c.accepted && !c.orphan && !c.deliver_pending && !c.on_demand;
  hold_packet(t, segment, true);
  if (direct) {
    notices.payload = payload;
    if (c.receiving != kNoIndex) {
      shared_.receive_buffers.at(c.receiving).deliver(c.receive_next, payload);
    }
  } else {
    receive_buffer(c).store(c.receive_next, payload, false);
  }
  c.receive_next += fresh;
  c.bytes_received += fresh;
  const std::uint32_t largest = shared_.largest_received(c);
  measure_segment(c, t, segment, largest);
  measure_round(c, t, now);
  const auto timeout_ms =
      static_cast<std::uint32_t>(c.round_trip.timeout(c.backoff) / std::chrono::milliseconds(1));
  c.delayed_ack.received(c.receive_window, clock_ms(now), timeout_ms);
  constexpr std::uint32_t kGrowsFrom = 128;  // bytes
  if (segment.payload_size() >= kGrowsFrom) {
    grow_window(c, t, shared_.sysctls(), segment, largest);
  }
}

void TcpInput::take_fin(TcpConnection& c, Notices& notices, Instant now) {
  ++c.receive_next;
  c.fin_received = true;
  c.fin_pending = false;
  notices.finished = true;
  c.delayed_ack.schedule();
  switch (c.state) {
    case TcpState::established:
      lifecycle_.set_state(c, TcpState::close_wait);
      c.delayed_ack.set_interactive();
      break;
    case TcpState::fin_wait_1:
      output_.send_ack(c, now);
      lifecycle_.set_state(c, TcpState::closing);
      break;
    case TcpState::fin_wait_2:
      output_.send_ack(c, now);  // TIME_WAIT follows
      break;
    default:
      break;
  }
  // What came from beyond it is forgotten.
  if (c.receiving != kNoIndex) {
    shared_.receive_buffers.at(c.receiving).forget_beyond(c.receive_next - 1);
  }
}

std::uint32_t TcpInput::read_sequence(const TcpConnection& c) const {
  if (c.receiving == kNoIndex) return c.receive_next - (c.fin_received ? 1 : 0);
  return shared_.receive_buffers.at(c.receiving).next();
}

// __tcp_ack_snd_check; the application has not read what came with this segment.
void TcpInput::acknowledge_if_due(TcpConnection& c, Instant now) {
  if (!c.delayed_ack.scheduled()) return;
  TransferState& t = shared_.transfer(c, now);
  const bool full = c.delayed_ack.full(c.receive_next - c.receive_acknowledged) &&
                    (t.held == 0 || select_window(c, &t, shared_.sysctls()) >= c.receive_window);
  if (full || c.delayed_ack.quick() || c.ack_now) {
    output_.send_ack(c, now);
  } else if (holds_beyond(c) || c.fin_pending) {
    acknowledge_disorder(c, t, now);
  } else {
    delay_acknowledgment(c, now);
  }
}

// The first three ACKs of a gap leave at once, further ones of one moment together
// (tcp_comp_sack_delay_ns: 5 % of the round trip, 1 ms at most).
void TcpInput::acknowledge_disorder(TcpConnection& c, TransferState& t, Instant now) {
  constexpr std::uint8_t kAtOnce = 3;
  if (t.compressed_at != c.receive_next) {
    t.compressed_at = c.receive_next;
    t.duplicate_acks = 0;
  }
  if (!c.sack || t.duplicate_acks < kAtOnce) {
    ++t.duplicate_acks;
    output_.send_ack(c, now);
    return;
  }
  if (t.ack_compressed) return;
  Duration round_trip = std::chrono::microseconds(t.round_trip_us >> 3);
  if (c.round_trip.valid()) round_trip = std::min<Duration>(round_trip, c.round_trip.smoothed());
  t.ack_compressed = true;
  c.ack_deadline = now + std::min<Duration>(round_trip / 20, std::chrono::milliseconds(1));
  shared_.timers.arm(c, c.ack_deadline, now);
}

// tcp_send_delayed_ack
void TcpInput::delay_acknowledgment(TcpConnection& c, Instant now) {
  const auto round_trip_ms =
      static_cast<std::uint32_t>(c.round_trip.smoothed() / std::chrono::milliseconds(1));
  const Duration delay = std::chrono::milliseconds(
      c.delayed_ack.delay_ms(c.round_trip.valid() ? std::max(round_trip_ms, 1U) : 0));
  Instant deadline = now + delay + kTick / 2;
  if (c.ack_deadline != kNever) {
    // About to leave anyway: now.
    if (c.ack_deadline - kTick / 2 <= now + delay / kTick / 4 * kTick) {
      output_.send_ack(c, now);
      return;
    }
    deadline = std::min(deadline, c.ack_deadline);
  }
  c.ack_deadline = deadline;
  shared_.timers.arm(c, deadline, now);
}

// tcp_rcv_space_adjust and tcp_cleanup_rbuf: the application has read, down to `read_sequence`.
void TcpInput::has_read(TcpConnection& c, Instant now) {
  TransferState& t = shared_.transfer(c, now);
  const std::uint32_t sequence = read_sequence(c);
  const std::uint32_t held_end =
      c.receiving == kNoIndex ? sequence : shared_.receive_buffers.at(c.receiving).end();
  adjust_buffer(c, t, shared_.sysctls(), sequence, held_end, now);
  const std::uint32_t unread = c.receive_next - (c.fin_received ? 1 : 0) - sequence;
  if (unread == 0) {
    // Of packets beyond a gap, as many as full ones would be.
    const std::uint32_t beyond =
        holds_beyond(c) ? shared_.receive_buffers.at(c.receiving).end() - c.receive_next : 0;
    constexpr std::uint32_t kFullPacket = 2304;
    const std::uint32_t packets = (beyond + c.delayed_ack.segment() - 1) / c.delayed_ack.segment();
    t.held = std::min(t.held, packets * kFullPacket);
    t.tail_room = 0;
  }
  if (c.delayed_ack.scheduled() && (c.delayed_ack.full(c.receive_next - c.receive_acknowledged) ||
                                    (t.held == 0 && c.delayed_ack.due_after_reading()))) {
    output_.send_ack(c, now);
    return;
  }
  if (c.fin_received) return;
  const std::uint32_t offered = c.open_window();
  if (2 * std::uint64_t{offered} > t.window_clamp) return;
  const std::uint32_t window = select_window(c, &t, shared_.sysctls());
  if (window > 0 && window >= 2 * offered) output_.send_ack(c, now);
}

void TcpInput::notify(SocketId id, const Notices& notices, Instant now) {
  // The application may do anything in a call, so the connection is looked up before each.
  TcpConnection* c = shared_.connections.find(id);
  const auto listening = [&] { return c != nullptr && c->events != nullptr && !c->orphan; };
  const bool direct = !notices.payload.empty();
  if (direct && listening()) {
    c->events->received(id, notices.payload, now);
    c = shared_.connections.find(id);
  }
  if (c != nullptr && c->accepted && c->receiving != kNoIndex && !c->on_demand) {
    deliver_stored(*c, now);
    c = shared_.connections.find(id);
  }
  if (direct && c != nullptr && c->state != TcpState::abandoned) {
    has_read(*c, now);
    c = shared_.connections.find(id);
  }
  if (notices.finished && listening() && !c->on_demand) {
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

void TcpInput::read(TcpConnection& first, Instant now) {
  const SocketId id = first.id();
  const bool waits =
      first.receiving != kNoIndex && !shared_.receive_buffers.at(first.receiving).ready().empty();
  deliver_stored(first, now);
  TcpConnection* c = shared_.connections.find(id);
  if (waits && c != nullptr && c->state != TcpState::abandoned) {
    has_read(*c, now);
    c = shared_.connections.find(id);
  }
  if (c != nullptr && c->fin_received && !c->end_told && !c->orphan && c->events != nullptr) {
    c->end_told = true;
    c->events->peer_finished(id, now);
    c = shared_.connections.find(id);
  }
  if (c != nullptr && c->state == TcpState::abandoned) {
    lifecycle_.forget(*c, TcpLifecycle::final_error(*c), now);
  }
}

}  // namespace elblab::host
