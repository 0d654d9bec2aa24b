#include "models/host/tcp/tcp_output.hpp"

#include <algorithm>
#include <array>

#include "models/host/tcp/handshake.hpp"
#include "models/host/tcp/loss_recovery.hpp"
#include "models/host/tcp/scoreboard.hpp"
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

// What a segment of an established connection carries (tcp_established_options): SACKs too, on
// whatever leaves next.
void TcpOutput::add_options(TcpConnection& c, net::TcpOptions& options, Instant now) const {
  if (c.timestamps) options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  if (!c.sack) return;
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

std::uint32_t TcpOutput::segment_bytes(const TcpConnection& c) const {
  if (!c.sack) return c.send_mss;
  std::uint32_t blocks = c.duplicate_begin != c.duplicate_end ? 1 : 0;
  if (c.receiving != kNoIndex) {
    std::array<net::SackBlock, 4> found;
    blocks += shared_.receive_buffers.at(c.receiving).sack_blocks(c.receive_next, found);
  }
  if (blocks == 0) return c.send_mss;
  return c.send_mss - 4 - 8 * std::min(blocks, c.timestamps ? 3U : 4U);
}

std::uint16_t TcpOutput::announced(TcpConnection& c) {
  return announce_window(c, shared_.find_transfer(c), shared_.sysctls());
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
  const Sysctls& sysctls = shared_.sysctls();
  if (c.client) {  // its SYN again, with all that it offers, though the peer's offered less
    tcp.options.sack_permitted = sysctls.tcp_sack != 0;
    if (sysctls.tcp_window_scaling != 0) tcp.options.window_scale = offered_scale(sysctls);
  }
  if (c.timestamps || (c.client && sysctls.tcp_timestamps != 0)) {
    tcp.options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  }
  tcp.window = static_cast<std::uint16_t>(std::min<std::uint32_t>(c.receive_window, 65535));
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
  c.last_send_ms = clock_ms(now);
}

bool TcpOutput::may_update_window(const TcpConnection& c, const Segment& segment) {
  const std::uint32_t window = window_of(c, segment);
  return after(segment.acknowledgment, c.send_unacknowledged) ||
         after(segment.sequence, c.window_update_sequence) ||
         (segment.sequence == c.window_update_sequence && (window > c.send_window || window == 0));
}

// Not beyond the peer's window, should that have been taken back (tcp_acceptable_seq).
std::uint32_t TcpOutput::acceptable_sequence(const TcpConnection& c) {
  const std::uint32_t window_end = c.send_unacknowledged + c.send_window;
  if (!before(window_end, c.send_next)) return c.send_next;
  if (c.scaling && c.send_next - window_end < (1U << c.receive_scale)) return c.send_next;
  return window_end;
}

void TcpOutput::send_bare(TcpConnection& c, std::uint32_t sequence, std::uint8_t flags,
                          Instant now) {
  net::TcpFields tcp = fields(c, sequence, flags);
  add_options(c, tcp.options, now);
  tcp.window = announced(c);
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
  acknowledgment_left(c, now);
}

void TcpOutput::acknowledgment_left(TcpConnection& c, Instant now) {
  c.delayed_ack.ack_sent();
  c.ack_now = false;
  c.ack_deadline = kNever;
  if (TransferState* t = shared_.find_transfer(c)) {
    t->last_written = now;
    t->ack_compressed = false;
  }
}

void TcpOutput::send_ack(TcpConnection& c, Instant now) {
  send_bare(c, acceptable_sequence(c), ack, now);
}

// tcp_v4_reqsk_send_ack, tcp_v4_timewait_ack
void TcpOutput::send_plain_ack(TcpConnection& c, Instant now) {
  net::TcpFields tcp = fields(c, c.send_next, ack);
  if (c.timestamps) {
    tcp.options.timestamps = {clock_ms(now) + c.timestamp_offset, c.recent_timestamp};
  }
  tcp.window = static_cast<std::uint16_t>(c.receive_window >> c.receive_scale);
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, {});
}

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
  if (c.state == TcpState::syn_received && !c.client) {
    send_plain_ack(c, now);
  } else {
    send_ack(c, now);
  }
}

void TcpOutput::send_limited_ack(TcpConnection& c, const Segment& cause, Instant now) {
  // Segments with data are not part of an ACK loop and are always answered (tcp_oow_rate_limited).
  const bool carries = cause.sequence != cause.end && !cause.syn();
  if (!carries && rate_limited(c.last_challenge_ms, now)) return;
  if (c.state == TcpState::syn_received && !c.client) {
    send_plain_ack(c, now);
    return;
  }
  if (cause.sequence != cause.end && before(cause.sequence, c.receive_next)) {
    c.delayed_ack.hurry(c.receive_window);
    c.duplicate_begin = cause.sequence;
    c.duplicate_end = before(cause.end, c.receive_next) ? cause.end : c.receive_next;
  }
  send_ack(c, now);
}

void TcpOutput::send_limited_plain_ack(TcpConnection& c, const Segment& cause, Instant now) {
  const bool carries = cause.sequence != cause.end && !cause.syn();
  if (!carries && rate_limited(c.last_challenge_ms, now)) return;
  send_plain_ack(c, now);
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
  add_options(c, tcp.options, now);
  tcp.window = announced(c);
  shared_.wire.send_tcp(c.local.address, c.remote.address, tcp, payload);
  acknowledgment_left(c, now);
  c.last_send_ms = clock_ms(now);
  if (bytes > 0) c.delayed_ack.data_sent(clock_ms(now));
}

// A segment again, cut to the peer's window, or joined with small ones behind it
// (tcp_retrans_try_collapse). False: it lies outside the window.
bool TcpOutput::resend(Flight f, std::uint32_t index, Instant now) {
  TcpConnection& c = f.connection;
  SegmentQueue& segments = f.sending.segments;
  const std::uint32_t mss = segment_bytes(c);
  const auto room =
      static_cast<std::int32_t>(c.send_unacknowledged + c.send_window - segments[index].begin);
  if (room <= 0 && index != 0) return false;
  const std::uint32_t available = room <= 0 ? mss : static_cast<std::uint32_t>(room);
  const std::uint32_t bytes = segments[index].bytes();
  const std::uint32_t most = std::min(available, mss);
  if (bytes > most) {
    f.sending.split(index, most);
  } else {
    join(f, index, most);
  }
  SentSegment& sent = segments[index];
  send_segment(c, sent.begin, sent.end, sent.fin, now);
  ++shared_.counters.retransmissions;
  return true;
}

void TcpOutput::join(Flight f, std::uint32_t index, std::uint32_t most) {
  SegmentQueue& segments = f.sending.segments;
  const std::uint32_t window_end = f.connection.send_unacknowledged + f.connection.send_window;
  while (index + 1 < segments.size() && !segments[index].sacked) {
    const SentSegment& next = segments[index + 1];
    if (next.sacked || segments[index].fin || after(next.end, window_end) ||
        segments[index].bytes() + next.bytes() > most) {
      return;
    }
    f.sending.join(index);
  }
}

// tcp_xmit_retransmit_queue
void TcpOutput::send_lost(Flight f, Instant now) {
  SendState& s = f.sending;
  bool head = false;
  for (std::uint32_t i = 0; i < s.segments.size() && s.lost > s.resent; ++i) {
    if (s.in_flight() >= f.connection.congestion.window()) break;
    const SentSegment& sent = s.segments[i];
    if (!sent.lost || sent.resent || sent.sacked) continue;
    if (!resend(f, i, now)) break;
    Scoreboard::resent(f, s.segments[i], now);
    if (f.reducing()) ++f.transfer.reduction_sent;
    if (i == 0 && f.connection.timer != TimerKind::reordering) head = true;
  }
  if (head) arm_timeout(f, now);
}

void TcpOutput::send_recovery(Flight f, LossRecovery::Retransmit what, Instant now) {
  if (what == LossRecovery::Retransmit::none) return;
  if (what == LossRecovery::Retransmit::new_data_first) {
    write(f, false, now);
    if (after(f.connection.send_next, f.transfer.recovery_point)) return;
    f.transfer.forward_recovery = false;
  }
  send_lost(f, now);
}

// How many segments leave as one large one, which is when a host decides about more
// (tcp_tso_autosize).
std::uint32_t TcpOutput::burst_segments(Flight f, std::uint32_t mss) {
  constexpr std::uint64_t kLargest = 65536;
  const TcpConnection& c = f.connection;
  std::uint64_t bytes = kLargest;
  if (f.transfer.delivered > 0 && c.round_trip.valid()) {
    const auto smoothed_us = static_cast<std::uint64_t>(
        std::max<std::int64_t>(1, c.round_trip.smoothed() / std::chrono::microseconds(1)));
    const bool early = c.congestion.window() < c.congestion.threshold() / 2;
    const std::uint64_t rate = std::uint64_t{c.send_mss} * (early ? 200 : 120) * 10'000 *
                               std::max(c.congestion.window(), f.sending.segments.size()) /
                               smoothed_us;
    bytes = rate >> 10;
    const auto least =
        static_cast<std::uint64_t>(c.round_trip.least() / std::chrono::microseconds(1));
    if ((least >> 9) < 32) bytes += kLargest >> (least >> 9);
    bytes = std::min(bytes, kLargest);
  }
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(bytes / mss, 2));
}

// Less than could leave soon together waits for the next ACK (tcp_tso_should_defer).
bool TcpOutput::defers(Flight f, std::uint64_t waiting, std::uint32_t mss, std::uint32_t burst,
                       Instant now) {
  constexpr Duration kRecent = std::chrono::milliseconds(1);
  const TcpConnection& c = f.connection;
  const SendState& s = f.sending;
  const TransferState& t = f.transfer;
  if (t.phase >= CongestionPhase::recovery || s.segments.empty()) return false;
  if (t.last_written == kNever || now - t.last_written > kRecent) return false;
  const std::uint64_t window = c.send_unacknowledged + c.send_window - c.send_next;
  const std::uint64_t congestion = std::uint64_t{c.congestion.window() - s.in_flight()} * mss;
  const std::uint64_t limit = std::min(window, congestion);
  if (limit >= std::uint64_t{burst} * mss) return false;
  const std::uint64_t chunk =
      std::min<std::uint64_t>(c.send_window, std::uint64_t{c.congestion.window()} * mss) / 3;
  if (limit >= chunk) return false;
  const Duration round_trip = c.round_trip.smoothed();
  const Duration until_ack = s.segments[0].sent_at + round_trip - now;
  if (until_ack > std::min<Duration>(round_trip / 2, kRecent)) return false;
  if (limit <= waiting) return true;
  return !c.send_closed;
}

// tcp_write_xmit: new segments as congestion and receive window allow. `probe`: one, whatever the
// congestion window says. True: something left.
bool TcpOutput::write(Flight f, bool probe, Instant now) {
  TcpConnection& c = f.connection;
  SendState& s = f.sending;
  const std::uint32_t mss = segment_bytes(c);
  const std::uint32_t burst = burst_segments(f, mss);
  bool limited = false;
  std::uint32_t sent = 0;
  while (!c.fin_sent) {
    const std::uint64_t waiting = unsent(c, s);
    if (waiting == 0 && !c.send_closed) break;
    const std::uint32_t window = c.congestion.window();
    const std::uint32_t in_flight = s.in_flight();
    if (in_flight >= window && !probe) break;
    std::uint32_t quota =
        in_flight >= window ? 1 : std::min(std::max(window >> 1, 1U), window - in_flight);
    quota = std::min(quota, burst);
    const auto first = static_cast<std::uint32_t>(std::min<std::uint64_t>(waiting, mss));
    const bool fin_with_first = c.send_closed && first == waiting;
    const std::uint32_t window_end = c.send_unacknowledged + c.send_window;
    if (after(c.send_next + first + (fin_with_first ? 1 : 0), window_end)) break;
    if (c.send_next - c.send_unacknowledged + first >
        static_cast<std::uint64_t>(shared_.sysctls().tcp_wmem_max)) {
      break;
    }
    std::uint32_t bytes = first;
    if (waiting > mss) {
      if (!probe && defers(f, waiting, mss, burst, now)) {
        limited = true;
        break;
      }
      bytes = static_cast<std::uint32_t>(
          std::min<std::uint64_t>({std::uint64_t{quota} * mss, waiting, window_end - c.send_next}));
    }
    sent += send_burst(f, bytes, mss, c.send_closed && bytes == waiting, now);
    if (probe) break;
  }
  limited = limited || s.in_flight() >= c.congestion.window();
  if (sent > 0 || limited) validate_window(f, limited, now);
  if (sent > 0 && f.reducing()) f.transfer.reduction_sent += sent;
  return sent > 0;
}

std::uint32_t TcpOutput::send_burst(Flight f, std::uint32_t bytes, std::uint32_t mss, bool with_fin,
                                    Instant now) {
  TcpConnection& c = f.connection;
  std::uint32_t count = 0;
  do {
    const std::uint32_t part = std::min(bytes, mss);
    bytes -= part;
    const bool last = bytes == 0;
    SentSegment segment;
    segment.begin = c.send_next;
    segment.end = c.send_next + part + (with_fin && last ? 1 : 0);
    segment.sent_at = now;
    segment.fin = with_fin && last;
    send_segment(c, segment.begin, segment.end, segment.fin, now);
    const bool first_out = f.sending.segments.empty();
    f.sending.segments.push(segment);
    c.send_next = segment.end;
    if (segment.fin) c.fin_sent = true;
    if (first_out || c.timer == TimerKind::loss_probe) rearm_timeout(f, now);
    ++count;
  } while (bytes > 0);
  return count;
}

// tcp_cwnd_validate
void TcpOutput::validate_window(Flight f, bool limited, Instant now) {
  TransferState& t = f.transfer;
  TcpConnection& c = f.connection;
  const std::uint32_t out = f.sending.segments.size();
  if (!before(c.send_unacknowledged, t.limited_until) || limited ||
      (!t.window_limited && out > t.most_in_flight)) {
    t.window_limited = limited;
    t.most_in_flight = out;
    t.limited_until = c.send_next;
  }
  if (c.congestion.limited(t)) {
    t.used_window = 0;
    t.full_since = now;
    return;
  }
  t.used_window = std::max(t.used_window, out);
  if (now - t.full_since >= c.round_trip.timeout(c.backoff)) {
    if (t.phase == CongestionPhase::open) c.congestion.unused(t, f.reducing());
    t.full_since = now;
  }
}

void TcpOutput::send_pending(TcpConnection& c, Instant now) {
  if (c.sending == kNoIndex) return;
  Flight f = shared_.flight(c, now);
  if (f.sending.segments.empty() && c.last_send_ms != 0) {
    const auto timeout = c.round_trip.timeout(c.backoff) / std::chrono::milliseconds(1);
    const auto idle = (clock_ms(now) - c.last_send_ms) / static_cast<std::uint32_t>(timeout);
    if (idle > 0 && !f.reducing()) c.congestion.idle(idle);
  }
  if (write(f, false, now)) {
    schedule_probe(f, false, now);
    return;
  }
  // Nothing in flight though something waits: the peer's window is shut (zero-window probe).
  const bool waiting = !c.fin_sent && (unsent(c, f.sending) > 0 || c.send_closed);
  if (f.sending.segments.empty() && waiting && c.timer == TimerKind::none) {
    arm(c, TimerKind::window_probe, now + c.round_trip.timeout(c.backoff), now);
  }
}

void TcpOutput::arm(TcpConnection& c, TimerKind kind, Instant deadline, Instant now) {
  // A timer set between two ticks fires with the one after its time: half a tick late on average.
  constexpr Duration kShort = std::chrono::milliseconds(252);
  if (deadline - now < kShort) deadline += kTick / 2;
  c.timer = kind;
  c.timer_deadline = deadline;
  shared_.timers.arm(c, deadline, now);
}

void TcpOutput::arm_timeout(Flight f, Instant now) {
  TcpConnection& c = f.connection;
  arm(c, TimerKind::retransmit, now + c.round_trip.timeout(c.backoff), now);
}

// When the first segment out runs out of time.
Instant TcpOutput::head_timeout(Flight f) {
  return f.sending.segments.front().sent_at + f.connection.round_trip.timeout(f.connection.backoff);
}

// tcp_rearm_rto: what a probe or a reordering timer has waited already counts.
void TcpOutput::rearm_timeout(Flight f, Instant now) {
  TcpConnection& c = f.connection;
  if (f.sending.segments.empty()) {
    if (c.timer != TimerKind::window_probe) c.timer = TimerKind::none;
    return;
  }
  if (c.timer == TimerKind::reordering || c.timer == TimerKind::loss_probe) {
    arm(c, TimerKind::retransmit, std::max(head_timeout(f), now + std::chrono::milliseconds(1)),
        now);
  } else {
    arm_timeout(f, now);
  }
}

bool TcpOutput::schedule_probe(Flight f, bool from_now, Instant now) {
  TcpConnection& c = f.connection;
  const TransferState& t = f.transfer;
  if (f.sending.segments.empty() || !c.sack ||
      (t.phase != CongestionPhase::open && t.phase != CongestionPhase::reduced)) {
    return false;
  }
  // PTO = 2 SRTT, plus the peer's delayed ACK when one segment is out (RFC 8985 §7.2; Linux takes
  // TCP_RTO_MIN for it), and never later than the retransmission timeout.
  Duration wait = std::chrono::seconds(1);
  if (c.round_trip.valid()) {
    constexpr Duration kLeast = std::chrono::milliseconds(2);  // TCP_TIMEOUT_MIN_US
    wait =
        whole_ticks(2 * c.round_trip.smoothed() +
                    (f.sending.segments.size() == 1 ? RoundTripEstimator::kLeastVariance : kLeast));
  }
  const Duration timeout =
      from_now ? c.round_trip.timeout(c.backoff) : Duration(head_timeout(f) - now);
  if (timeout > Duration::zero()) wait = std::min(wait, timeout);
  arm(c, TimerKind::loss_probe, now + wait, now);
  return true;
}

void TcpOutput::restart_timer(Flight f, Instant now) {
  if (!schedule_probe(f, true, now)) rearm_timeout(f, now);
}

void TcpOutput::retransmit_first(Flight f, Instant now) {
  if (f.sending.segments.empty()) return;
  SentSegment& head = f.sending.segments.front();
  if (head.resent) {
    head.resent = false;
    --f.sending.resent;
  }
  resend(f, 0, now);
  Scoreboard::resent(f, f.sending.segments.front(), now);
}

void TcpOutput::send_loss_probe(Flight f, Instant now) {
  TcpConnection& c = f.connection;
  TransferState& t = f.transfer;
  c.timer = TimerKind::loss_probe;  // what it has waited counts, if there is nothing to send
  if (t.probe_outstanding) {
    rearm_timeout(f, now);
    return;
  }
  const std::uint64_t waiting = unsent(c, f.sending);
  const bool new_data = !c.fin_sent && (waiting > 0 || c.send_closed);
  const auto first = static_cast<std::uint32_t>(std::min<std::uint64_t>(waiting, c.send_mss));
  const bool fits = !after(c.send_next + first, c.send_unacknowledged + c.send_window);
  if (new_data && fits) {
    if (!write(f, true, now)) {
      rearm_timeout(f, now);
      return;
    }
    t.probe_was_resent = false;
  } else {
    const std::uint32_t last = f.sending.segments.size() - 1;
    if (!resend(f, last, now)) {
      rearm_timeout(f, now);
      return;
    }
    Scoreboard::probed(f, f.sending.segments[last], now);
    t.probe_was_resent = true;
  }
  t.probe_outstanding = true;
  t.probe_end = c.send_next;
  arm_timeout(f, now);
}

void TcpOutput::send_window_probe(TcpConnection& c, Instant now) {
  Flight f = shared_.flight(c, now);
  const auto room = static_cast<std::int32_t>(c.send_unacknowledged + c.send_window - c.send_next);
  const std::uint64_t waiting = unsent(c, f.sending);
  if (room > 0 && (waiting > 0 || c.send_closed)) {
    // The window is open but smaller than a segment: send what fits (tcp_write_wakeup).
    const auto bytes = static_cast<std::uint32_t>(
        std::min({static_cast<std::uint64_t>(room), waiting, std::uint64_t{c.send_mss}}));
    const bool with_fin =
        c.send_closed && bytes == waiting && bytes < static_cast<std::uint32_t>(room);
    send_burst(f, bytes, c.send_mss, with_fin, now);
    return;
  }
  // An old sequence number makes the peer answer with its window (tcp_xmit_probe_skb).
  send_bare(c, c.send_unacknowledged - 1, ack, now);
}

void TcpOutput::send_reset(TcpConnection& c, Instant now) {
  net::TcpFields tcp = fields(c, acceptable_sequence(c), rst | ack);
  add_options(c, tcp.options, now);
  tcp.window = announced(c);
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
