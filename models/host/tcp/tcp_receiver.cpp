#include "models/host/tcp/tcp_receiver.hpp"

#include <algorithm>

#include "models/host/tcp/sequence.hpp"
#include "models/host/tcp/tcp_windows.hpp"

namespace elblab::host {

bool TcpReceiver::beyond_all_held(const TcpConnection& c, std::uint32_t sequence) const {
  return c.sack && holds_beyond(c) && shared_.receive_buffers.at(c.receiving).end() == sequence;
}

bool TcpReceiver::holds_beyond(const TcpConnection& c) const {
  return c.receiving != kNoIndex &&
         shared_.receive_buffers.at(c.receiving).holds_beyond(c.receive_next);
}

ReceiveBuffer& TcpReceiver::receive_buffer(TcpConnection& c) {
  if (c.receiving == kNoIndex) c.receiving = shared_.receive_buffers.acquire(c.receive_next);
  return shared_.receive_buffers.at(c.receiving);
}

// tcp_data_queue
void TcpReceiver::take_data(TcpConnection& c, const Segment& segment, TcpNotices& notices,
                            Instant now) {
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

void TcpReceiver::refuse(TcpConnection& c, const Segment& segment, Instant now) {
  c.delayed_ack.hurry(c.receive_window);
  shared_.log.drop(telemetry::Reason::out_of_window, segment.flow(), now);
}

void TcpReceiver::report_duplicate(TcpConnection& c, std::uint32_t begin, std::uint32_t end) {
  c.duplicate_begin = begin;
  c.duplicate_end = end;
}

void TcpReceiver::take_out_of_order(TcpConnection& c, TransferState& t, const Segment& segment) {
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

void TcpReceiver::take_in_order(TcpConnection& c, const Segment& segment, TcpNotices& notices,
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

void TcpReceiver::take_fresh(TcpConnection& c, const Segment& segment, std::uint32_t fresh,
                             TcpNotices& notices, Instant now) {
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

void TcpReceiver::take_fin(TcpConnection& c, TcpNotices& notices, Instant now) {
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

std::uint32_t TcpReceiver::read_sequence(const TcpConnection& c) const {
  if (c.receiving == kNoIndex) return c.receive_next - (c.fin_received ? 1 : 0);
  return shared_.receive_buffers.at(c.receiving).next();
}

// __tcp_ack_snd_check; the application has not read what came with this segment.
void TcpReceiver::acknowledge_if_due(TcpConnection& c, Instant now) {
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
void TcpReceiver::acknowledge_disorder(TcpConnection& c, TransferState& t, Instant now) {
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
void TcpReceiver::delay_acknowledgment(TcpConnection& c, Instant now) {
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
void TcpReceiver::has_read(TcpConnection& c, Instant now) {
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

void TcpReceiver::notify(SocketId id, const TcpNotices& notices, Instant now) {
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

void TcpReceiver::deliver_stored(TcpConnection& first, Instant now) {
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

void TcpReceiver::read(TcpConnection& first, Instant now) {
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
