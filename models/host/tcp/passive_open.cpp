#include "models/host/tcp/passive_open.hpp"

#include <algorithm>

#include "models/host/tcp/handshake.hpp"
#include "models/host/tcp/sequence.hpp"
#include "models/host/tcp/tcp_windows.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

constexpr Duration kCookieLife = std::chrono::seconds(120);  // TCP_SYNCOOKIE_VALID
constexpr Duration kFirstTimeout = std::chrono::seconds(1);
constexpr Duration kLargestTimeout = std::chrono::seconds(120);

Duration timeout_after(unsigned retries) {
  return retries < 7 ? kFirstTimeout * (1 << retries) : kLargestTimeout;
}

}  // namespace

void PassiveOpen::receive(Listener& listener, const Segment& segment,
                          std::optional<std::uint32_t> initial_sequence, Instant now) {
  if (segment.rst()) return;
  if (segment.ack()) {
    if (!segment.syn() && complete_cookie(listener, segment, now)) return;
    shared_.log.drop(Reason::no_connection, segment.flow(), now);
    output_.answer_with_reset(segment);
    return;
  }
  if (!segment.syn() || segment.fin()) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return;
  }
  const Sysctls& sysctls = shared_.sysctls();
  bool cookie = false;
  if (!initial_sequence && (sysctls.tcp_syncookies == 2 || listener.syn_queue_full())) {
    cookie = sysctls.tcp_syncookies != 0;
    if (!cookie) {
      shared_.log.drop(Reason::syn_queue_full, segment.flow(), now);
      return;
    }
    listener.last_overflow = now;
  }
  if (listener.accept_queue_full()) {  // row 20
    ++shared_.counters.listen_overflows;
    shared_.log.drop(Reason::accept_queue_full, segment.flow(), now);
    return;
  }
  if (cookie) {
    output_.send_cookie(segment, shared_.cookies.make(segment, now), now);
    return;
  }
  if (!initial_sequence && sysctls.tcp_syncookies == 0 &&
      sysctls.tcp_max_syn_backlog - static_cast<std::int64_t>(listener.half_open) <
          sysctls.tcp_max_syn_backlog / 4) {
    shared_.log.drop(Reason::syn_queue_full, segment.flow(), now);
    return;
  }
  open(listener, segment,
       initial_sequence ? *initial_sequence
                        : shared_.initial_sequences.next(segment.local, segment.remote, now),
       now);
}

TcpConnection& PassiveOpen::embryo(const Segment& segment, Instant now) {
  const std::uint32_t hash = shared_.flow_hash(segment.local, segment.remote);
  TcpConnection& c =
      lifecycle_.open(segment.local, segment.remote, hash, TcpState::syn_received, now);
  const Sysctls& sysctls = shared_.sysctls();
  c.timestamps = sysctls.tcp_timestamps != 0;
  c.sack = sysctls.tcp_sack != 0;
  c.scaling = sysctls.tcp_window_scaling != 0;
  return c;
}

void PassiveOpen::open(Listener& listener, const Segment& syn, std::uint32_t initial_sequence,
                       Instant now) {
  TcpConnection& c = embryo(syn, now);
  const std::uint16_t own = shared_.wire.largest_segment(syn.local.address.is_v4());
  negotiate(c, syn.options, own, now);
  c.listener = listener.id;
  c.send_unacknowledged = initial_sequence;
  c.send_next = initial_sequence + 1;
  c.receive_next = c.receive_acknowledged = syn.sequence + 1;
  c.window_update_sequence = syn.sequence;
  c.send_window = c.largest_send_window = syn.window;
  c.window_limit = first_window(shared_.sysctls(), own - (c.timestamps ? 12U : 0U));
  c.receive_window = c.window_limit;
  ++listener.half_open;
  ++listener.young;
  output_.send_syn_ack(c, now);
  output_.arm(c, TimerKind::retransmit, now + kFirstTimeout, now);
}

// Its echo is of none of our SYN+ACKs: 6.15 and later refuse that (tcp_check_req).
bool PassiveOpen::echoes_nothing_sent(const TcpConnection& c, const Segment& segment) {
  if (!c.timestamps || c.client || !segment.options.timestamps) return false;
  const std::uint32_t echo = segment.options.timestamps->echo;
  return echo != 0 && !between(echo, first_timestamp(c), c.last_send_ms + c.timestamp_offset);
}

// tcp_check_req
void PassiveOpen::receive(TcpConnection& c, const Segment& segment, Instant now) {
  const bool stale = TcpInput::too_old(c, segment, 0);
  const std::uint32_t initial_receive = c.receive_next - 1;
  const bool pure_syn = segment.syn() && !segment.ack() && !segment.rst();
  if (pure_syn && segment.sequence == initial_receive && !stale) {
    if (!output_.rate_limited(c.last_challenge_ms, now)) resend(c, now);
    return;
  }
  if (segment.ack() && !segment.rst() && segment.acknowledgment != c.send_unacknowledged + 1) {
    shared_.log.drop(Reason::no_connection, segment.flow(), now);
    output_.answer_with_reset(segment);
    return;
  }
  const std::uint32_t window_end = c.receive_next + c.receive_window;
  const bool in_window =
      segment.sequence == c.receive_next ||
      (after(segment.end, c.receive_next) && before(segment.sequence, window_end)) ||
      (segment.sequence == segment.end && segment.sequence == window_end);
  if (stale || echoes_nothing_sent(c, segment) || !in_window) {
    if (!segment.rst()) output_.send_limited_ack(c, segment, now);
    shared_.log.drop(stale ? Reason::paws_rejected : Reason::out_of_window, segment.flow(), now);
    return;
  }
  if (segment.rst() && segment.sequence != c.receive_next) {  // RFC 5961 §3.2
    output_.send_challenge_ack(c, now);
    shared_.log.drop(Reason::out_of_window, segment.flow(), now);
    return;
  }
  const bool syn = segment.syn() && segment.sequence != initial_receive;
  if (segment.rst() || syn) {
    if (!segment.rst()) output_.answer_with_reset(segment);
    if (segment.rst()) ++shared_.counters.resets_received;
    drop(c, segment.rst() ? Reason::reset_by_peer : Reason::reset_by_local, now);
    return;
  }
  if (!segment.ack()) {
    shared_.log.drop(Reason::invalid_state, segment.flow(), now);
    return;
  }
  Listener* listener = shared_.listeners.at(c.listener);
  if (listener != nullptr && listener->accept_queue_full()) {
    ++shared_.counters.listen_overflows;
    shared_.log.drop(Reason::accept_queue_full, segment.flow(), now);
    if (shared_.sysctls().tcp_abort_on_overflow == 0) {
      c.final_ack_dropped = true;  // row 21: the SYN+ACK timer goes on
      return;
    }
    output_.answer_with_reset(segment);  // row 22
    drop(c, Reason::reset_by_local, now);
    return;
  }
  complete(c, listener, segment, now);
}

void PassiveOpen::complete(TcpConnection& c, Listener* listener, const Segment& segment,
                           Instant now) {
  leave_syn_queue(c);
  begin_round_trip(c, segment, now);
  // The timer has sent it again, not only the peer's repeated SYN.
  const bool timer_resent = c.retries > 0 && c.retransmissions > 1;
  if (timer_resent && !answers_first(c, segment)) c.congestion.handshake_lost();
  c.retries = c.backoff = 0;
  c.last_challenge_ms = 0;
  c.timer = TimerKind::none;
  c.send_unacknowledged = segment.acknowledgment;
  c.window_update_sequence = segment.sequence;
  c.send_window = std::uint32_t{segment.window} << c.send_scale;
  c.largest_send_window = c.send_window;
  shared_.limit_segments(c, now);
  begin_window(c, shared_.sysctls(), shared_.largest_received(c), now);
  if (c.timestamps && segment.options.timestamps) {
    c.recent_timestamp = segment.options.timestamps->value;
    c.recent_timestamp_ms = clock_ms(now);
  }
  c.established_at = now;
  c.last_send_ms = clock_ms(now);
  lifecycle_.set_state(c, TcpState::established);
  const SocketId id = c.id();
  ++shared_.counters.connections_accepted;
  listener->accept_queue.push_back(id);
  listener->events->acceptable(listener->id, now);
  TcpConnection* still = shared_.connections.find(id);
  if (still != nullptr && (!segment.payload.empty() || segment.fin())) {
    input_.take_text(*still, segment, now);
  }
}

bool PassiveOpen::complete_cookie(Listener& listener, const Segment& segment, Instant now) {
  const Sysctls& sysctls = shared_.sysctls();
  const bool recent = sysctls.tcp_syncookies == 2 || (listener.last_overflow != kNever &&
                                                      now - listener.last_overflow <= kCookieLife);
  if (sysctls.tcp_syncookies == 0 || !recent) return false;
  const std::optional<std::uint16_t> mss = shared_.cookies.check(segment, now);
  if (!mss) return false;
  if (listener.accept_queue_full()) {
    ++shared_.counters.listen_overflows;
    shared_.log.drop(Reason::accept_queue_full, segment.flow(), now);
    return true;
  }
  net::TcpOptions options;
  options.mss = *mss;
  if (segment.options.timestamps) {
    const std::uint32_t echo = segment.options.timestamps->echo - shared_.timestamp_offset(segment);
    const SynCookies::Options decoded = SynCookies::decode(echo, *mss);
    options.timestamps = segment.options.timestamps;
    options.sack_permitted = decoded.sack;
    options.window_scale = decoded.window_scale;
  }
  TcpConnection& c = embryo(segment, now);
  const std::uint16_t own = shared_.wire.largest_segment(segment.local.address.is_v4());
  negotiate(c, options, own, now);
  c.listener = listener.id;
  c.send_next = segment.acknowledgment;
  c.receive_next = c.receive_acknowledged = segment.sequence;
  c.window_limit = first_window(sysctls, own - (c.timestamps ? 12U : 0U));
  c.receive_window = c.window_limit;
  c.cookie = true;
  complete(c, &listener, segment, now);
  return true;
}

void PassiveOpen::resend(TcpConnection& c, Instant now) {
  ++c.retransmissions;
  ++shared_.counters.retransmissions;
  ++shared_.counters.syn_retransmissions;
  output_.send_syn_ack(c, now);
  output_.arm(c, TimerKind::retransmit, now + timeout_after(c.retries), now);
}

// A SYN queue more than half full drops old entries earlier (reqsk_timer_handler).
bool PassiveOpen::syn_queue_prunes(const Listener& listener, unsigned retries) const {
  auto most = static_cast<unsigned>(shared_.sysctls().tcp_synack_retries);
  if (2 * listener.half_open > std::max(8U, listener.backlog)) {
    std::uint32_t young = listener.young << 1;
    while (most > 2 && listener.half_open >= young) {
      --most;
      young <<= 1;
    }
  }
  return retries >= most;
}

void PassiveOpen::timed_out(TcpConnection& c, Instant now) {
  const Listener* listener = shared_.listeners.at(c.listener);
  const bool expired =
      listener != nullptr
          ? syn_queue_prunes(*listener, c.retries)
          : c.retries >= static_cast<unsigned>(shared_.sysctls().tcp_synack_retries);
  if (expired) {
    drop(c, Reason::timed_out, now);
    return;
  }
  if (c.retries == 0 && listener != nullptr) --shared_.listeners.at(c.listener)->young;
  ++c.retries;
  resend(c, now);
}

void PassiveOpen::leave_syn_queue(TcpConnection& c) {
  Listener* listener = shared_.listeners.at(c.listener);
  if (listener == nullptr || c.cookie || c.client) return;
  --listener->half_open;
  if (c.retries == 0) --listener->young;
}

void PassiveOpen::drop(TcpConnection& c, Reason reason, Instant now) {
  leave_syn_queue(c);
  const SocketError error = reason == Reason::timed_out ? SocketError::timed_out
                            : c.client                  ? SocketError::connection_refused
                                                        : SocketError::connection_reset;
  lifecycle_.finish(c, reason, error, now);
}

void PassiveOpen::stop(Listener& listener, Instant now) {
  for (const SocketId id : listener.accept_queue) {
    TcpConnection* c = shared_.connections.find(id);
    if (c == nullptr) continue;
    if (c->state == TcpState::abandoned) {
      lifecycle_.forget(*c, SocketError::none, now);
      continue;
    }
    output_.send_reset(*c, now);
    lifecycle_.finish(*c, Reason::reset_by_local, SocketError::none, now);
  }
  listener.accept_queue.clear();
  for (std::uint32_t slot = 0; slot < shared_.connections.slots(); ++slot) {
    TcpConnection& c = shared_.connections.at(slot);
    if (c.state == TcpState::syn_received && c.listener == listener.id && !c.client) {
      drop(c, Reason::reset_by_local, now);
    }
  }
}

TcpConnection* PassiveOpen::accept(Listener& listener, SocketEvents& events, Instant now) {
  while (!listener.accept_queue.empty()) {
    TcpConnection* c = shared_.connections.find(listener.accept_queue.front());
    listener.accept_queue.pop_front();
    if (c == nullptr) continue;  // the run ended before it was taken
    c->accepted = true;
    c->events = &events;
    if (c->receiving != kNoIndex || c->fin_received || c->state == TcpState::abandoned) {
      c->deliver_pending = true;
      shared_.timers.arm(*c, now, now);
    }
    return c;
  }
  return nullptr;
}

}  // namespace elblab::host
