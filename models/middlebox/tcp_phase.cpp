#include "models/middlebox/tcp_phase.hpp"

#include "models/net/packet_view.hpp"

namespace elblab::middlebox {
namespace {

namespace flag = net::tcp_flag;
using telemetry::Reason;

bool is_over(const Session& session) {
  return session.phase == Phase::over || session.phase == Phase::lingering;
}

void note_end(Session& session, Side side, std::uint8_t bit) {
  constexpr std::uint8_t kEnds = passed::inside_fin | passed::outside_fin | passed::reset;
  const bool first = (session.seen & kEnds) == 0 || bit == passed::reset;
  session.seen |= bit;
  if (!first) return;
  session.seen &= static_cast<std::uint8_t>(~passed::outside_ended);
  if (side == Side::outside) session.seen |= passed::outside_ended;
}

bool both(const Session& session, std::uint8_t bits) { return (session.seen & bits) == bits; }

}  // namespace

void follow(Session& session, Side side, std::uint8_t tcp_flags) {
  if (is_over(session)) return;
  const bool inside = side == Side::inside;
  if ((tcp_flags & flag::rst) != 0) {
    note_end(session, side, passed::reset);
    session.phase = Phase::over;
    return;
  }
  if ((tcp_flags & flag::syn) != 0) {
    session.seen |= inside ? passed::inside_syn : passed::outside_syn;
  } else if (session.phase == Phase::opening && (tcp_flags & flag::ack) != 0 &&
             both(session, passed::inside_syn | passed::outside_syn)) {
    session.phase = Phase::established;
  }
  if ((tcp_flags & flag::fin) != 0) {
    note_end(session, side, inside ? passed::inside_fin : passed::outside_fin);
    session.phase =
        both(session, passed::inside_fin | passed::outside_fin) ? Phase::over : Phase::closing;
  }
}

Reason end_reason(const Session& session) {
  const bool outside = (session.seen & passed::outside_ended) != 0;
  const bool by_server = outside == (session.begun_by == Side::inside);
  if ((session.seen & passed::reset) != 0) {
    return by_server ? Reason::reset_by_server : Reason::reset_by_client;
  }
  if ((session.seen & (passed::inside_fin | passed::outside_fin)) != 0) {
    return by_server ? Reason::closed_by_server : Reason::closed_by_client;
  }
  return session.phase == Phase::opening ? Reason::timed_out : Reason::idle_timeout;
}

}  // namespace elblab::middlebox
