#include "pcap/streams/connection.hpp"

#include <algorithm>

namespace elblab::streams {
namespace {

// Segments sent again so often, with no word back, to a side that had spoken before.
constexpr std::uint32_t kForgottenAfter = 2;

std::uint64_t packets(const Connection& c, Side side) { return c.counts(side).packets; }

bool opened(const Connection& c) {
  return c.established_at != kNotSeen || c.counts(Side::client).bytes > 0 ||
         c.counts(Side::server).bytes > 0;
}

Handshake handshake_without_syn(const Connection& c) {
  const bool said = c.counts(Side::client).bytes + c.counts(Side::server).bytes > 0;
  const bool kept = c.counts(Side::client).keep_alives + c.counts(Side::server).keep_alives > 0;
  return said || kept ? Handshake::under_way : Handshake::stray;
}

Handshake unanswered(const Connection& c, Duration end) {
  if (c.foreign_acks > 0) return Handshake::met_another;
  if (c.unreachable) return Handshake::unreachable;
  if (packets(c, Side::server) > 0) return Handshake::half_seen;
  const Duration since = end - (c.syns > 1 ? c.last_syn_at : c.syn_at);
  const bool waited = c.syns > 1 || since >= kGivenUp;
  return waited && end - c.syn_at >= kTooYoung ? Handshake::unanswered : Handshake::not_judged;
}

}  // namespace

const char* to_string(Handshake handshake) {
  switch (handshake) {
    case Handshake::whole:
      return "whole";
    case Handshake::half_seen:
      return "half_seen";
    case Handshake::under_way:
      return "under_way";
    case Handshake::unanswered:
      return "unanswered";
    case Handshake::client_silent:
      return "client_silent";
    case Handshake::client_reset:
      return "client_reset";
    case Handshake::refused:
      return "refused";
    case Handshake::unreachable:
      return "unreachable";
    case Handshake::met_another:
      return "met_another";
    case Handshake::not_judged:
      return "not_judged";
    case Handshake::stray:
      return "stray";
  }
  return "?";
}

const char* to_string(Ending ending) {
  switch (ending) {
    case Ending::open:
      return "open";
    case Ending::closed:
      return "closed";
    case Ending::server_reset:
      return "server_reset";
    case Ending::client_reset:
      return "client_reset";
    case Ending::client_left:
      return "client_left";
    case Ending::server_left:
      return "server_left";
    case Ending::forgotten:
      return "forgotten";
  }
  return "?";
}

Handshake handshake_of(const Connection& c, Duration end) {
  if (c.syn_at == kNotSeen) {
    if (c.syn_ack_at == kNotSeen) return handshake_without_syn(c);
    if (opened(c)) return Handshake::half_seen;
    // Only the server's direction was captured.
    return packets(c, Side::client) == 0 ? Handshake::half_seen : Handshake::not_judged;
  }
  if (c.refused) return Handshake::refused;
  if (c.syn_ack_at == kNotSeen) {
    if (c.established_at == kNotSeen) return unanswered(c, end);
    return c.foreign_acks > 0 ? Handshake::met_another : Handshake::half_seen;
  }
  if (opened(c)) return Handshake::whole;
  if (c.reset) return c.reset_from == Side::client ? Handshake::client_reset : Handshake::refused;
  const bool waited = c.syn_acks > 1 || end - c.syn_ack_at >= kGivenUp;
  return waited ? Handshake::client_silent : Handshake::not_judged;
}

bool was_established(Handshake handshake) {
  return handshake == Handshake::whole || handshake == Handshake::half_seen ||
         handshake == Handshake::under_way;
}

Ending ending_of(const Connection& c) {
  const bool vain = c.owed && c.sides.client.in_vain() >= kForgottenAfter;
  if (vain && packets(c, Side::server) > 0) return Ending::forgotten;
  if (c.reset) {
    if (!c.reset_owed) return Ending::closed;
    if (c.reset_from == Side::server) return Ending::server_reset;
    return c.reset_at - c.asked_at >= kPatience ? Ending::client_reset : Ending::closed;
  }
  if (c.closed_at == kNotSeen) return Ending::open;
  if (!c.owed) return Ending::closed;
  if (c.closed_from == Side::server) return c.answers == 0 ? Ending::server_left : Ending::closed;
  return c.closed_at - c.asked_at >= kPatience ? Ending::client_left : Ending::closed;
}

std::uint32_t unanswered_questions(const Connection& c, Duration end) {
  const bool young = end - c.asked_at < kGivenUp;
  if (packets(c, Side::server) == 0) return young ? 0 : c.questions;
  const bool identified = c.unmatched == 0;
  if (identified && c.questions > c.answers) {
    return young ? c.pushed_out : c.pushed_out + c.open_count;
  }
  return young ? 0 : c.since_answer;
}

bool lacks_direction(const Connection& c, Side* missing) {
  for (const Side side : {Side::client, Side::server}) {
    const Side gone = pcap::other(side);
    if (packets(c, side) == 0 || packets(c, gone) > 0) continue;
    const bool spoken_to = c.acknowledges[side];
    if (!spoken_to) continue;
    *missing = gone;
    return true;
  }
  return false;
}

}  // namespace elblab::streams
