#include "models/forwarding/tcp_tracker.hpp"

namespace elblab::forwarding {
namespace {

namespace flag = net::tcp_flag;
using telemetry::Reason;

// Sequence arithmetic modulo 2^32 (RFC 9293 §3.4).
bool after(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

// One direction's fields of a connection, so that both are handled by the same lines.
struct Direction {
  std::uint32_t& sent;       // end of what this side sent
  std::uint32_t& acked;      // what this side acknowledged
  std::uint32_t& peer_sent;  // end of what the other side sent
  std::uint8_t acked_bit;
  std::uint8_t fin;
  std::uint8_t peer_fin;
  std::uint8_t peer_fin_acked;
};

Direction direction_of(Connection& c, Side side) {
  if (side == Side::client) {
    return {c.client_next,    c.client_ack,     c.server_next,         seen::client_acked,
            seen::client_fin, seen::server_fin, seen::server_fin_acked};
  }
  return {c.server_next,    c.server_ack,     c.client_next,         seen::server_acked,
          seen::server_fin, seen::client_fin, seen::client_fin_acked};
}

void note_first_to_end(Connection& c, Side side) {
  const std::uint8_t ends = seen::client_fin | seen::server_fin | seen::reset;
  if ((c.seen & ends) == 0 && side == Side::server) c.seen |= seen::server_first;
}

std::uint32_t sequence_length(const net::PacketView& segment) {
  const std::uint8_t flags = segment.tcp_flags();
  return static_cast<std::uint32_t>(segment.payload().size()) +
         ((flags & flag::syn) != 0 ? 1u : 0u) + ((flags & flag::fin) != 0 ? 1u : 0u);
}

// True for a segment that holds something and nothing new.
bool note_sent(Direction d, const net::PacketView& segment) {
  const std::uint32_t length = sequence_length(segment);
  const std::uint32_t end = segment.sequence() + length;
  if (!after(end, d.sent)) return length > 0;
  d.sent = end;
  return false;
}

// Only what the other side has sent can be acknowledged: anything else is a stray.
void note_acknowledged(Connection& c, Direction d, std::uint32_t acknowledgment) {
  if (after(acknowledgment, d.peer_sent)) return;
  if ((c.seen & d.acked_bit) != 0 && !after(acknowledgment, d.acked)) return;
  d.acked = acknowledgment;
  c.seen |= d.acked_bit;
}

void handle_reset(Connection& c, Side side) {
  if (c.state == BindingState::closed) return;
  c.seen &= static_cast<std::uint8_t>(~seen::server_first);
  c.seen |= seen::reset;
  if (side == Side::server) c.seen |= seen::server_first;
  c.state = BindingState::closed;
}

void handle_handshake(Connection& c, Side side, const net::PacketView& segment) {
  const std::uint8_t flags = segment.tcp_flags() & (flag::syn | flag::ack);
  if (c.state == BindingState::syn_sent && side == Side::client && flags == flag::syn) {
    c.client_next = segment.sequence() + sequence_length(segment);  // perhaps a new attempt
    return;
  }
  const bool answers_the_syn = side == Side::server && flags == (flag::syn | flag::ack) &&
                               segment.acknowledgment() == c.client_next;
  if (c.state == BindingState::syn_sent && answers_the_syn) {
    c.server_next = segment.sequence();  // note_sent() adds what the segment holds
    c.state = BindingState::syn_received;
    return;
  }
  const bool completes =
      side == Side::client && flags == flag::ack && segment.acknowledgment() == c.server_next;
  if (c.state == BindingState::syn_received && completes) c.state = BindingState::established;
}

void handle_fins(Connection& c, Direction d, Side side, const net::PacketView& segment) {
  if ((segment.tcp_flags() & flag::fin) != 0) {
    note_first_to_end(c, side);
    c.seen |= d.fin;
    if (c.state != BindingState::closed) c.state = BindingState::closing;
  }
  if ((c.seen & d.peer_fin) != 0 && (c.seen & d.acked_bit) != 0 && d.acked == d.peer_sent) {
    c.seen |= d.peer_fin_acked;
  }
  const std::uint8_t both = seen::client_fin_acked | seen::server_fin_acked;
  if ((c.seen & both) == both) c.state = BindingState::closed;
}

}  // namespace

bool opens_connection(const net::PacketView& segment) {
  return (segment.tcp_flags() & (flag::syn | flag::ack | flag::rst | flag::fin)) == flag::syn;
}

void start_tracking(Connection& connection, const net::PacketView& syn) {
  connection.state = BindingState::syn_sent;
  connection.seen = 0;
  connection.client_next = syn.sequence() + sequence_length(syn);
  connection.client_ack = 0;
  connection.server_next = 0;
  connection.server_ack = 0;
}

bool track(Connection& c, Side side, const net::PacketView& segment) {
  if ((segment.tcp_flags() & flag::rst) != 0) {
    handle_reset(c, side);
    return false;
  }
  const Direction d = direction_of(c, side);
  const BindingState before = c.state;
  if (before == BindingState::syn_sent || before == BindingState::syn_received) {
    handle_handshake(c, side, segment);
    // Numbers of a side whose SYN has not passed mean nothing (a stray of an older flow, FTC-14).
    if (c.state == BindingState::syn_sent) return side == Side::client;
  }
  const bool again = note_sent(d, segment);
  if ((segment.tcp_flags() & flag::ack) != 0) note_acknowledged(c, d, segment.acknowledgment());
  handle_fins(c, d, side, segment);
  return again;
}

Reason end_reason(const Connection& c) {
  const bool server = (c.seen & seen::server_first) != 0;
  if ((c.seen & seen::reset) != 0)
    return server ? Reason::reset_by_server : Reason::reset_by_client;
  if ((c.seen & (seen::client_fin | seen::server_fin)) != 0) {
    return server ? Reason::closed_by_server : Reason::closed_by_client;
  }
  return c.state == BindingState::syn_sent || c.state == BindingState::syn_received
             ? Reason::timed_out
             : Reason::idle_timeout;
}

}  // namespace elblab::forwarding
