#include "models/host/tcp/tcp_output.hpp"

#include <algorithm>

#include "models/host/tcp/handshake.hpp"
#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/sequence.hpp"
#include "models/host/tcp/tcp_windows.hpp"

namespace elblab::host {
namespace {

using net::tcp_flag::ack;
using net::tcp_flag::fin;
using net::tcp_flag::psh;
using net::tcp_flag::rst;
using net::tcp_flag::syn;

constexpr std::int64_t kNoLimit = 2147483647;

net::TcpFields fields(const TcpConnection& c, std::uint32_t sequence, std::uint8_t flags) {
  net::TcpFields tcp;
  tcp.source_port = c.local.port;
  tcp.destination_port = c.remote.port;
  tcp.sequence = sequence;
  tcp.acknowledgment = (flags & ack) ? c.receive_next : 0;
  tcp.flags = flags;
  return tcp;
}

}  // namespace

std::uint32_t TcpOutput::unread(TcpConnection& c) {
  if (c.receiving == kNoIndex || c.accepted) return 0;
  const ReceiveBuffer& buffer = shared_.receive_buffers.at(c.receiving);
  return c.receive_next - buffer.next();
}

void TcpOutput::add_options(TcpConnection& c, net::TcpOptions& options, bool with_sack,
                            Instant now) const {
  if (c.timestamps) options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  if (!with_sack || !c.sack) return;
  std::uint8_t count = 0;
  const std::uint8_t room = c.timestamps ? 3 : 4;
  if (c.duplicate_begin != c.duplicate_end) {
    options.sack[count++] = {c.duplicate_begin, c.duplicate_end};
    c.duplicate_begin = c.duplicate_end = 0;
  }
  if (c.receiving != kNoIndex) {
    count = static_cast<std::uint8_t>(
        count +
        shared_.receive_buffers.at(c.receiving)
            .sack_blocks(c.receive_next, std::span(options.sack).subspan(count, room - count)));
  }
  options.sack_count = count;
}

net::TcpOptions TcpOutput::handshake_options(const TcpConnection& c, bool v4) const {
  net::TcpOptions options;
  options.mss = shared_.wire.largest_segment(v4);
  if (c.scaling) options.window_scale = c.receive_scale;
  options.sack_permitted = c.sack;
  return options;
}

void TcpOutput::send_syn(TcpConnection& c, Instant now) {
  net::TcpFields tcp = fields(c, c.send_unacknowledged, syn);
  tcp.options = handshake_options(c, c.local.address.is_v4());
  if (c.timestamps) tcp.options.timestamps = {clock_ms(now) + c.timestamp_offset, 0};
  tcp.window = static_cast<std::uint16_t>(std::min<std::uint32_t>(c.receive_window, 65535));
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
}

void TcpOutput::send_syn_ack(TcpConnection& c, Instant now) {
  net::TcpFields tcp = fields(c, c.send_unacknowledged, syn | ack);
  tcp.options = handshake_options(c, c.local.address.is_v4());
  if (c.timestamps) {
    tcp.options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  }
  tcp.window = static_cast<std::uint16_t>(std::min<std::uint32_t>(c.receive_window, 65535));
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
}

void TcpOutput::send_bare(TcpConnection& c, std::uint32_t sequence, std::uint8_t flags,
                          Instant now) {
  net::TcpFields tcp = fields(c, sequence, flags);
  add_options(c, tcp.options, true, now);
  // In SYN_RECEIVED the window must not be scaled differently from the SYN+ACK's.
  tcp.window = announce_window(c, unread(c));
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
  c.delayed_ack.ack_sent();
  c.ack_deadline = kNever;
}

void TcpOutput::send_ack(TcpConnection& c, Instant now) { send_bare(c, c.send_next, ack, now); }

bool TcpOutput::rate_limited(std::uint32_t& last_ms, Instant now) const {
  const std::uint32_t now_ms = clock_ms(now);
  const std::uint32_t elapsed = now_ms - last_ms;
  if (last_ms != 0 &&
      elapsed < static_cast<std::uint64_t>(shared_.sysctls().tcp_invalid_ratelimit)) {
    return true;
  }
  last_ms = now_ms;
  return false;
}

void TcpOutput::send_challenge_ack(TcpConnection& c, Instant now) {
  if (rate_limited(c.last_challenge_ms, now)) return;
  const std::int64_t limit = shared_.sysctls().tcp_challenge_ack_limit;
  if (limit < kNoLimit) {
    if (now - challenge_second_ >= std::chrono::seconds(1)) {
      challenge_second_ = now;
      challenges_ = 0;
    }
    if (challenges_ >= limit) return;
    ++challenges_;
  }
  ++shared_.counters.challenge_acks;
  send_ack(c, now);
}

void TcpOutput::send_limited_ack(TcpConnection& c, const Segment& cause, Instant now) {
  // Segments with data are not part of an ACK loop and are always answered (tcp_oow_rate_limited).
  const bool carries = cause.sequence != cause.end && !cause.syn();
  if (!carries && rate_limited(c.last_challenge_ms, now)) return;
  if (carries && before(cause.sequence, c.receive_next)) {
    c.delayed_ack.hurry(c.receive_window);
    c.duplicate_begin = cause.sequence;
    c.duplicate_end = before(cause.end, c.receive_next) ? cause.end : c.receive_next;
  }
  send_ack(c, now);
}

void TcpOutput::send_segment(TcpConnection& c, std::uint32_t sequence, std::uint32_t end,
                             bool with_fin, Instant now) {
  const std::uint32_t bytes = end - sequence - (with_fin ? 1 : 0);
  const std::span<std::uint8_t> payload(payload_.data(), bytes);
  std::uint8_t flags = ack;
  if (with_fin) flags |= fin;
  if (bytes > 0) {
    const SendBuffer& buffer = shared_.send_states.at(c.sending).buffer;
    const std::uint64_t offset = stream_offset(c, sequence);
    buffer.copy(offset, payload);
    if (offset + bytes == buffer.end()) flags |= psh;
  }
  net::TcpFields tcp = fields(c, sequence, flags);
  add_options(c, tcp.options, false, now);
  tcp.window = announce_window(c, unread(c));
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, payload);
  c.delayed_ack.ack_sent();
  c.ack_deadline = kNever;
  if (bytes > 0) c.delayed_ack.data_sent(clock_ms(now));
  c.last_send_ms = clock_ms(now);
}

void TcpOutput::send_lost(TcpConnection& c, SendState& s, Instant now) {
  while (s.in_flight() < c.congestion.window()) {
    SentSegment* lost = LossRecovery::next_lost(s);
    if (lost == nullptr) return;
    send_segment(c, lost->begin, lost->end, lost->fin, now);
    LossRecovery::resent(c, s, *lost, now);
    ++shared_.counters.retransmissions;
  }
}

bool TcpOutput::send_new(TcpConnection& c, SendState& s, Instant now) {
  const std::uint64_t waiting = unsent(c, s);
  const bool fin_due = c.send_closed && !c.fin_sent;
  if (c.fin_sent || (waiting == 0 && !fin_due)) return false;
  const auto bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(waiting, c.send_mss));
  const std::uint32_t end = c.send_next + bytes;
  const std::uint32_t flight_bytes = c.send_next - c.send_unacknowledged;
  if (bytes > 0) {
    if (after(end, c.send_unacknowledged + c.send_window)) return false;
    if (flight_bytes + bytes > static_cast<std::uint64_t>(shared_.sysctls().tcp_wmem_max))
      return false;
    if (s.in_flight() >= c.congestion.window()) {
      c.cwnd_limited = true;
      return false;
    }
  }
  const bool with_fin = fin_due && bytes == waiting;
  const std::uint32_t last = end + (with_fin ? 1 : 0);
  send_segment(c, c.send_next, last, with_fin, now);
  SentSegment sent;
  sent.begin = c.send_next;
  sent.end = last;
  sent.sent_at = now;
  sent.fin = with_fin;
  s.segments.push(sent);
  c.send_next = last;
  if (with_fin) c.fin_sent = true;
  return true;
}

void TcpOutput::send_pending(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  SendState& s = shared_.send_states.at(c.sending);
  if (s.segments.empty() && c.last_send_ms != 0) {
    const auto timeout = c.round_trip.timeout() / std::chrono::milliseconds(1);
    const auto idle = (clock_ms(now) - c.last_send_ms) / static_cast<std::uint32_t>(timeout);
    if (idle > 0) c.congestion.idle(idle);
  }
  send_lost(c, s, now);
  const bool was_empty = s.segments.empty();
  if (s.lost <= s.resent) {
    while (send_new(c, s, now)) {
    }
  }
  after_pending(c, was_empty, now);
}

void TcpOutput::after_pending(TcpConnection& c, bool was_empty, Instant now) {
  SendState& s = shared_.send_states.at(c.sending);
  if (s.segments.empty()) {
    // Nothing in flight: either nothing to do, or the peer's window is shut (zero-window probe).
    const bool waiting = unsent(c, s) > 0 || (c.send_closed && !c.fin_sent);
    if (waiting && c.timer != TimerKind::window_probe) {
      c.probes = 0;
      arm(c, TimerKind::window_probe, now + c.round_trip.timeout(), now);
    }
    return;
  }
  // tcp_event_new_data_sent: the first segment out starts the timer, further ones do not delay it.
  if (was_empty || c.timer == TimerKind::none || c.timer == TimerKind::window_probe) {
    arm_retransmission(c, now);
  }
}

void TcpOutput::arm(TcpConnection& c, TimerKind kind, Instant deadline, Instant now) {
  c.timer = kind;
  c.timer_deadline = deadline;
  shared_.timers.arm(c, deadline, now);
}

void TcpOutput::arm_retransmission(TcpConnection& c, Instant now) {
  SendState& s = shared_.send_states.at(c.sending);
  const Duration timeout = c.round_trip.timeout(c.backoff);
  if (c.sack && c.round_trip.valid() && s.phase == RecoveryPhase::open && s.sacked == 0 &&
      c.backoff == 0 && !s.probe_outstanding) {
    // PTO = 2 SRTT, plus the peer's delayed ACK when one segment is out (RFC 8985 §7.2; Linux
    // takes TCP_RTO_MIN for it, and never waits longer than the RTO).
    const Duration slack =
        s.segments.size() == 1 ? RoundTripEstimator::kLeastVariance : std::chrono::milliseconds(8);
    const Duration probe = std::min(2 * c.round_trip.smoothed() + slack, timeout);
    arm(c, TimerKind::loss_probe, now + probe, now);
    return;
  }
  arm(c, TimerKind::retransmit, now + timeout, now);
}

void TcpOutput::retransmit_first(TcpConnection& c, Instant now) {
  SendState& s = shared_.send_states.at(c.sending);
  if (s.segments.empty()) return;
  SentSegment& head = s.segments.front();
  if (head.resent) {
    head.resent = false;
    --s.resent;
  }
  send_segment(c, head.begin, head.end, head.fin, now);
  LossRecovery::resent(c, s, head, now);
  ++shared_.counters.retransmissions;
}

void TcpOutput::send_loss_probe(TcpConnection& c, Instant now) {
  SendState& s = shared_.send_states.at(c.sending);
  s.probe_outstanding = true;
  if (!send_new(c, s, now)) {
    SentSegment& last = s.segments.back();
    if (!last.sacked && !last.resent) {
      send_segment(c, last.begin, last.end, last.fin, now);
      last.sent_at = now;
      last.ever_resent = true;
      ++c.retransmissions;
      ++shared_.counters.retransmissions;
    }
  }
  s.probe_end = c.send_next;
  arm(c, TimerKind::retransmit, now + c.round_trip.timeout(), now);
}

void TcpOutput::send_window_probe(TcpConnection& c, Instant now) {
  SendState& s = shared_.send_states.at(c.sending);
  const std::uint32_t room = c.send_unacknowledged + c.send_window - c.send_next;
  const std::uint64_t waiting = unsent(c, s);
  if (static_cast<std::int32_t>(room) > 0 && waiting > 0) {
    // The window is open but smaller than a segment: send what fits (tcp_write_wakeup).
    const auto bytes = static_cast<std::uint32_t>(
        std::min({std::uint64_t{room}, waiting, std::uint64_t{c.send_mss}}));
    send_segment(c, c.send_next, c.send_next + bytes, false, now);
    s.segments.push({c.send_next, c.send_next + bytes, now});
    c.send_next += bytes;
    arm_retransmission(c, now);
    return;
  }
  // An old sequence number makes the peer answer with its window (tcp_xmit_probe_skb).
  send_bare(c, c.send_unacknowledged - 1, ack, now);
}

void TcpOutput::send_reset(TcpConnection& c, Instant now) {
  net::TcpFields tcp = fields(c, c.send_next, rst | ack);
  tcp.window = announce_window(c, unread(c));
  if (c.timestamps)
    tcp.options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
  ++shared_.counters.resets_sent;
}

void TcpOutput::answer_with_reset(const Segment& segment) {
  if (segment.rst()) return;
  net::TcpFields tcp;
  tcp.source_port = segment.local.port;
  tcp.destination_port = segment.remote.port;
  if (segment.ack()) {
    tcp.flags = rst;
    tcp.sequence = segment.acknowledgment;
  } else {
    tcp.flags = rst | ack;
    tcp.acknowledgment = segment.end;
  }
  shared_.wire.send_tcp(segment.local.address, segment.remote.address, tcp, {});
  ++shared_.counters.resets_sent;
}

void TcpOutput::answer_time_wait(TimeWaitRecord& record, Instant now) {
  net::TcpFields tcp;
  tcp.source_port = record.local.port;
  tcp.destination_port = record.remote.port;
  tcp.flags = ack;
  tcp.sequence = record.send_next;
  tcp.acknowledgment = record.receive_next;
  tcp.window = record.window;
  if (record.timestamps) {
    tcp.options.timestamps = {clock_ms(now) + record.timestamp_offset, record.recent_timestamp};
  }
  shared_.wire.send_tcp(record.local.address, record.remote.address, tcp, {});
}

void TcpOutput::send_cookie(const Segment& segment, std::uint32_t initial_sequence, Instant now) {
  net::TcpFields tcp;
  tcp.source_port = segment.local.port;
  tcp.destination_port = segment.remote.port;
  tcp.flags = syn | ack;
  tcp.sequence = initial_sequence;
  tcp.acknowledgment = segment.sequence + 1;
  const bool v4 = segment.local.address.is_v4();
  const bool timestamps = shared_.sysctls().tcp_timestamps != 0 && segment.options.timestamps;
  tcp.options.mss = shared_.wire.largest_segment(v4);
  if (timestamps) {
    // The low bits carry what the cookie cannot: scale and SACK permission.
    const std::uint32_t value =
        SynCookies::encode(clock_ms(now), segment.options) + shared_.timestamp_offset(segment);
    tcp.options.timestamps = {value, segment.options.timestamps->value};
    tcp.options.sack_permitted = shared_.sysctls().tcp_sack != 0 && segment.options.sack_permitted;
    if (shared_.sysctls().tcp_window_scaling != 0 && segment.options.window_scale) {
      tcp.options.window_scale = offered_scale(shared_.sysctls());
    }
  }
  const std::uint32_t segment_size = *tcp.options.mss - (timestamps ? kTimestampBytes : 0U);
  tcp.window = static_cast<std::uint16_t>(first_window(shared_.sysctls(), segment_size));
  shared_.wire.send_tcp(segment.local.address, segment.remote.address, tcp, {});
  ++shared_.counters.syncookies_sent;
}

}  // namespace elblab::host
