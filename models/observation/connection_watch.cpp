#include "models/observation/connection_watch.hpp"

#include <algorithm>

#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/sequence.hpp"

namespace elblab::observation {
namespace {

using host::after;
using host::before;
using host::between;
using host::Segment;
using telemetry::EventKind;
using telemetry::Reason;

// A SYN+ACK is repeated after 1, 2, 4 ... s, at most 120 (row 6); this late it is overdue.
constexpr Duration kOverdue = std::chrono::milliseconds(200);
Duration until_repeated(unsigned times) {
  return times < 7 ? std::chrono::seconds(1) * (1 << times) : std::chrono::seconds(120);
}

// False for what is no TCP packet.
bool read(std::span<std::uint8_t> packet, Segment& segment) {
  net::PacketView view;
  if (net::PacketView::parse(packet, view) != net::ParseError::none) return false;
  if (view.protocol() != net::Protocol::tcp) return false;
  segment = Segment::read(view);
  return true;
}

}  // namespace

ConnectionWatch::ConnectionWatch(const Options& options, telemetry::Recorder& recorder)
    : options_(options), recorder_(recorder), connections_(options.most_connections) {}

void ConnectionWatch::count(const WatchedConnection& c, std::uint64_t by) {
  if (c.state == State::time_wait) {
    counters_.time_wait += by;
    return;
  }
  counters_.open += by;
  if (c.state == State::syn_received) counters_.syn_received += by;
  const bool established = c.state == State::established && !c.fin_sent && !c.fin_received;
  if (established) counters_.established += by;
}

void ConnectionWatch::advance(Instant now) {
  while (WatchedConnection* c = connections_.take_expired(now)) {
    if (c->state == State::time_wait) {
      leave_time_wait(*c);
    } else if (c->state == State::syn_received) {
      end(*c, Reason::timed_out, now - kOverdue);
    }
  }
}

void ConnectionWatch::finish(Instant now) {
  advance(now);
  for (WatchedConnection* c : connections_.all()) {
    if (c->state != State::time_wait) end(*c, Reason::run_ended, now);
  }
}

void ConnectionWatch::sent(std::span<std::uint8_t> packet, Instant now) {
  advance(now);
  ++counters_.packets_out;
  counters_.bytes_out += packet.size();
  Segment segment;
  if (!read(packet, segment)) return;
  if (segment.rst()) ++counters_.resets_sent;
  // Of a packet sent, the source is the host.
  WatchedConnection* c = connections_.find(segment.remote, segment.local);
  if (segment.rst()) {
    if (c != nullptr) reset_sent(*c, segment, now);
  } else if (segment.syn()) {
    segment.ack() ? syn_ack_sent(c, segment, now) : syn_sent(c, segment, now);
  } else if (c != nullptr) {
    segment_sent(*c, segment, now);
  }
}

void ConnectionWatch::reset_sent(WatchedConnection& c, const Segment& segment, Instant now) {
  switch (c.state) {
    case State::time_wait:
    case State::syn_sent:  // row 4: an answer to something else
      return;
    case State::syn_received:
      // One that answers a wrong acknowledgement has that as its number, and ends nothing.
      if (segment.ack() || segment.sequence == c.send_next) end(c, Reason::reset_by_local, now);
      return;
    case State::established:
      // Data for an application that is gone was not taken.
      if (c.fin_sent) c.bytes_received -= c.bytes_unconfirmed;
      end(c, Reason::reset_by_local, now);
  }
}

WatchedConnection* ConnectionWatch::open(const Segment& segment, State state, Instant now) {
  WatchedConnection* const c = connections_.add(segment.remote, segment.local);
  if (c == nullptr) {
    ++not_watched_;
    return nullptr;
  }
  c->state = state;
  c->opened_at = now;
  c->initial_send = c->send_unacknowledged = segment.sequence;
  c->send_next = segment.sequence + 1;
  c->window_scale = segment.options.window_scale.value_or(0);
  count(*c, 1);
  return c;
}

void ConnectionWatch::syn_sent(WatchedConnection* c, const Segment& segment, Instant now) {
  if (c != nullptr && c->state == State::syn_sent && c->initial_send == segment.sequence) {
    ++c->retransmissions;
    ++counters_.retransmissions;
    return;
  }
  if (c != nullptr && c->state == State::time_wait) {
    leave_time_wait(*c);  // tcp_tw_reuse
  } else if (c != nullptr) {
    end(*c, Reason::replaced, now);
  }
  ++counters_.connections_opened;
  if (WatchedConnection* opened = open(segment, State::syn_sent, now)) opened->client = true;
}

void ConnectionWatch::syn_ack_sent(WatchedConnection* c, const Segment& segment, Instant now) {
  if (c != nullptr && c->client && c->initial_send == segment.sequence) return;  // both sent a SYN
  const bool again = c != nullptr && c->state != State::time_wait &&
                     c->initial_send == segment.sequence && !c->client;
  if (again) {
    ++c->retransmissions;
    ++counters_.retransmissions;
    if (c->state == State::established) {  // row 21: its last ACK was dropped
      count(*c, ~std::uint64_t{0});
      c->state = State::syn_received;
      c->established_at = kNever;
      c->bytes_received = c->bytes_unconfirmed = 0;
      c->receive_next = c->initial_receive + 1;
      c->fin_received = c->fin_known = false;
      count(*c, 1);
      --counters_.connections_accepted;
    }
    connections_.expire_at(*c, now + until_repeated(++c->syn_acks) + kOverdue);
    return;
  }
  if (c != nullptr && c->state == State::time_wait) {  // row 15
    ++counters_.time_wait_reused;
    time_wait_event(EventKind::time_wait_reused, *c, now);
    leave_time_wait(*c);
  } else if (c != nullptr) {
    end(*c, Reason::replaced, now);
  }
  WatchedConnection* const opened = open(segment, State::syn_received, now);
  if (opened == nullptr) return;
  opened->initial_receive = segment.acknowledgment - 1;
  opened->receive_next = opened->receive_acknowledged = segment.acknowledgment;
  opened->receive_limit = segment.acknowledgment + segment.window;
  connections_.expire_at(*opened, now + until_repeated(0) + kOverdue);
}

// Row 14.
void ConnectionWatch::time_wait_refused(const WatchedConnection& c, Instant now) {
  ++counters_.time_wait_refused;
  time_wait_event(EventKind::time_wait_refused, c, now);
}

void ConnectionWatch::segment_sent(WatchedConnection& c, const Segment& segment, Instant now) {
  if (c.state == State::time_wait) {
    if (segment.end != segment.sequence) {  // left before the last acknowledgement came
      ++counters_.retransmissions;
      return;
    }
    if (c.syn_unanswered) time_wait_refused(c, now);
    c.syn_unanswered = false;
    return;
  }
  if (c.state != State::established) return;
  count(c, ~std::uint64_t{0});
  // First what it acknowledges: a FIN of the peer's among that came before one it carries.
  if (segment.ack()) {
    if (after(segment.acknowledgment, c.receive_next)) take_until(c, segment.acknowledgment);
    if (!before(segment.acknowledgment, c.receive_acknowledged)) {
      c.receive_acknowledged = segment.acknowledgment;
      c.receive_limit = segment.acknowledgment + (std::uint32_t{segment.window} << c.window_scale);
    }
    if (c.receive_acknowledged == c.receive_next) c.bytes_unconfirmed = 0;
  }
  if (segment.end != segment.sequence) {
    if (before(segment.sequence, c.send_next)) {
      ++c.retransmissions;
      ++counters_.retransmissions;
    }
    if (after(segment.end, c.send_next)) c.send_next = segment.end;
    if (segment.fin() && !c.fin_sent) {
      c.fin_sent = true;
      c.local_fin_first = !c.fin_received;
    }
  }
  count(c, 1);
  settle(c, now);
}

void ConnectionWatch::received(std::span<std::uint8_t> packet, Instant now) {
  advance(now);
  ++counters_.packets_in;
  counters_.bytes_in += packet.size();
  Segment segment;
  if (!read(packet, segment)) return;
  WatchedConnection* const c = connections_.find(segment.local, segment.remote);
  if (c == nullptr) return;
  switch (c->state) {
    case State::time_wait:
      received_in_time_wait(*c, segment, now);
      return;
    case State::syn_sent:
      received_in_syn_sent(*c, segment, now);
      return;
    case State::syn_received:
      received_in_syn_received(*c, segment, now);
      return;
    case State::established:
      received_established(*c, segment, now);
  }
}

void ConnectionWatch::received_in_time_wait(WatchedConnection& c, const Segment& segment,
                                            Instant now) {
  if (segment.rst()) {
    if (segment.sequence != c.receive_next) return;
    ++counters_.resets_received;
    if (!options_.time_wait_protected) leave_time_wait(c);  // row 16
  } else if (segment.ack()) {
    connections_.expire_at(c, now + options_.time_wait);  // row 13
  } else if (segment.syn()) {
    // The host answers refused SYNs at a limited rate: the one before got none.
    if (c.syn_unanswered) time_wait_refused(c, now);
    c.syn_unanswered = true;
  }
}

void ConnectionWatch::received_in_syn_sent(WatchedConnection& c, const Segment& segment,
                                           Instant now) {
  if (!segment.ack() || segment.acknowledgment != c.send_next) return;
  if (segment.rst()) {  // row 2
    ++counters_.resets_received;
    end(c, Reason::refused_by_peer, now);
    return;
  }
  if (!segment.syn()) return;
  count(c, ~std::uint64_t{0});
  c.state = State::established;
  c.established_at = now;
  c.initial_receive = segment.sequence;
  c.receive_next = c.receive_acknowledged = segment.sequence + 1;
  // Until the host offers a window of its own.
  c.receive_limit = c.receive_next + (1U << 16);
  c.send_unacknowledged = segment.acknowledgment;
  if (!segment.options.window_scale) c.window_scale = 0;
  count(c, 1);
  ++counters_.connections_established;
}

void ConnectionWatch::received_in_syn_received(WatchedConnection& c, const Segment& segment,
                                               Instant now) {
  if (segment.rst()) {
    if (segment.sequence != c.receive_next) return;
    ++counters_.resets_received;
    end(c, Reason::reset_by_peer, now);
    return;
  }
  const bool in_window = !after(segment.sequence, c.receive_limit) &&
                         (segment.sequence == c.receive_next || after(segment.end, c.receive_next));
  if (segment.syn() || !segment.ack() || segment.acknowledgment != c.send_next || !in_window)
    return;
  count(c, ~std::uint64_t{0});
  c.state = State::established;
  c.established_at = now;
  c.send_unacknowledged = segment.acknowledgment;
  c.expires = kNever;
  count(c, 1);
  ++counters_.connections_accepted;
  if (segment.end != segment.sequence) received_established(c, segment, now);
}

// Row 21: the last ACK met a full accept queue, and so did the data behind it; when that is sent
// again and there is room, it completes the handshake. A host that took the first would have
// answered meanwhile.
bool ConnectionWatch::repeats_first_data(const WatchedConnection& c, const Segment& segment) {
  const bool said_nothing = !c.client && c.send_next == c.initial_send + 1 &&
                            c.receive_acknowledged == c.initial_receive + 1;
  return said_nothing && !segment.payload.empty() && !after(segment.end, c.receive_next);
}

void ConnectionWatch::received_established(WatchedConnection& c, const Segment& segment,
                                           Instant now) {
  if (segment.rst()) {
    const bool last_of_closed = c.fin_received && segment.sequence == c.receive_next - 1;
    if (segment.sequence != c.receive_next && !last_of_closed) return;
    ++counters_.resets_received;
    end(c, Reason::reset_by_peer, now);
    return;
  }
  const bool acceptable =
      !before(segment.end, c.receive_acknowledged) && !after(segment.sequence, c.receive_limit);
  if (segment.syn() || !segment.ack() || !acceptable) return;
  if (repeats_first_data(c, segment)) c.established_at = now;
  count(c, ~std::uint64_t{0});
  acknowledged(c, segment.acknowledgment);
  const bool in_order = !after(segment.sequence, c.receive_next) &&
                        after(segment.end, c.receive_next) &&
                        (segment.payload.empty() || before(segment.sequence, c.receive_limit));
  if (segment.fin() && !c.fin_known) {
    c.fin_known = true;
    c.peer_fin_end = segment.end;
  }
  if (in_order) take_until(c, segment.end);
  count(c, 1);
  settle(c, now);
}

void ConnectionWatch::take_until(WatchedConnection& c, std::uint32_t end) {
  std::uint32_t bytes = end - c.receive_next;
  c.receive_next = end;
  if (c.fin_known && !c.fin_received && !before(end, c.peer_fin_end)) {
    c.fin_received = true;
    --bytes;
  }
  c.bytes_received += bytes;
  c.bytes_unconfirmed += bytes;
}

void ConnectionWatch::acknowledged(WatchedConnection& c, std::uint32_t acknowledgment) {
  if (!after(acknowledgment, c.send_unacknowledged) || after(acknowledgment, c.send_next)) return;
  std::uint32_t bytes = acknowledgment - c.send_unacknowledged;
  c.send_unacknowledged = acknowledgment;
  if (c.fin_acknowledged()) --bytes;
  c.bytes_acknowledged += bytes;
}

void ConnectionWatch::settle(WatchedConnection& c, Instant now) {
  if (!c.fin_acknowledged() || !c.fin_received) return;
  if (c.local_fin_first) {
    enter_time_wait(c, now);
  } else {
    end(c, Reason::closed_by_peer, now);
  }
}

void ConnectionWatch::enter_time_wait(WatchedConnection& c, Instant now) {
  record(c, Reason::closed_by_local, now);
  count(c, ~std::uint64_t{0});
  c.state = State::time_wait;
  count(c, 1);
  connections_.expire_at(c, now + options_.time_wait);
}

void ConnectionWatch::leave_time_wait(WatchedConnection& c) {
  count(c, ~std::uint64_t{0});
  connections_.remove(c);
}

void ConnectionWatch::end(WatchedConnection& c, Reason reason, Instant now) {
  record(c, reason, now);
  if (c.client && c.established_at == kNever) ++counters_.connections_failed;
  count(c, ~std::uint64_t{0});
  connections_.remove(c);
}

void ConnectionWatch::record(const WatchedConnection& c, Reason reason, Instant now) {
  if (!options_.record_connections) return;
  telemetry::ConnectionRecord r;
  r.object = options_.object;
  r.role = c.client ? telemetry::ConnectionRole::client : telemetry::ConnectionRole::server;
  r.reason = reason;
  r.flow = c.flow();
  r.opened_at = c.opened_at;
  r.established_at = c.established_at;
  r.closed_at = now;
  r.bytes_sent = c.bytes_acknowledged;
  r.bytes_received = c.bytes_received;
  r.retransmissions = c.retransmissions;
  recorder_.record(r);
}

void ConnectionWatch::time_wait_event(EventKind kind, const WatchedConnection& c, Instant now) {
  telemetry::Event event;
  event.at = now;
  event.kind = kind;
  event.object = options_.object;
  event.flow = {c.remote, c.local, net::Protocol::tcp};  // as the SYN came
  recorder_.record(event);
}

void ConnectionWatch::refused_locally(const net::FlowKey& flow, Instant now) {
  ++counters_.refused_locally;
  WatchedConnection never;
  never.client = true;
  never.local = flow.source;
  never.remote = flow.destination;
  never.opened_at = now;
  record(never, Reason::address_not_available, now);
}

void ConnectionWatch::ended_silently(const net::FlowKey& flow, Reason reason, Instant now) {
  WatchedConnection* c = connections_.find(flow.source, flow.destination);
  if (c == nullptr) c = connections_.find(flow.destination, flow.source);
  if (c != nullptr && c->state != State::time_wait) end(*c, reason, now);
}

}  // namespace elblab::observation
