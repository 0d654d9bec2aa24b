#include "models/middlebox/icmp_translation.hpp"

#include "models/net/icmp.hpp"

namespace elblab::middlebox {
namespace {

using telemetry::Reason;

// The flow of an echo: its identifier is the port of the side that asks.
net::FlowKey with_identifier(net::FlowKey flow, const net::Echo& echo) {
  (echo.request ? flow.source : flow.destination).port = echo.identifier;
  return flow;
}

// Of the packet that an error quotes.
std::optional<net::FlowKey> quoted_flow_of(const net::PacketView& error) {
  const auto flow = net::quoted_flow(error);
  if (!flow || flow->protocol != net::Protocol::icmp) return flow;
  const auto echo = net::quoted_echo(error);
  if (!echo) return std::nullopt;
  return with_identifier(*flow, *echo);
}

bool rewrite_quote(net::PacketView& error, const net::FlowKey& to) {
  if (!net::rewrite_quoted(error, to.source, to.destination)) return false;
  if (const auto echo = net::quoted_echo(error)) {
    net::set_quoted_echo_identifier(error, (echo->request ? to.source : to.destination).port);
  }
  return true;
}

}  // namespace

Reason IcmpTranslation::outward(net::PacketView& packet, Instant now) {
  if (!packet.transport_checksum_ok()) return Reason::bad_checksum;  // RFC 5508 REQ-3
  const auto echo = net::echo_of(packet);
  if (!echo) return outward_error(packet);
  if (!echo->request) return Reason::no_connection;
  const net::FlowKey flow = with_identifier(packet.flow(), *echo);
  SessionId id = translations_.find(flow, Side::inside);
  if (id == kNoTranslation) {
    const auto opened = translations_.open(flow, Side::inside, now);
    if (const Reason* why = std::get_if<Reason>(&opened)) return *why;
    id = std::get<SessionId>(opened);
  }
  translations_.pass(id, Side::inside, packet, now);
  net::set_echo_identifier(packet, translations_.outer(id).port);
  packet.set_source(translations_.outer(id));
  return Reason::none;
}

Reason IcmpTranslation::inward(net::PacketView& packet, Instant now) {
  if (!packet.transport_checksum_ok()) return Reason::bad_checksum;
  const auto echo = net::echo_of(packet);
  if (!echo) return inward_error(packet);
  const SessionId id =
      echo->request ? kNoTranslation
                    : translations_.find(with_identifier(packet.flow(), *echo), Side::outside);
  if (id == kNoTranslation) return Reason::no_connection;
  translations_.pass(id, Side::outside, packet, now);
  net::set_echo_identifier(packet, translations_.inside(id).port);
  packet.set_destination(translations_.inside(id));
  return Reason::none;
}

// About a packet that came in: it goes out as the box's own, for nobody outside knows who sent it
// (RFC 5508 REQ-5).
Reason IcmpTranslation::outward_error(net::PacketView& error) {
  const auto quoted = quoted_flow_of(error);
  if (!quoted) return Reason::unsupported_protocol;
  const SessionId id = translations_.find(quoted->reversed(), Side::inside);
  if (id == kNoTranslation) return Reason::no_connection;
  const net::Endpoint& outer = translations_.outer(id);
  if (!rewrite_quote(error, {quoted->source, outer, quoted->protocol})) return Reason::malformed;
  error.set_source({outer.address, 0});
  return Reason::none;
}

// About a packet that went out: whoever met the error stays its source (RFC 5508 REQ-4).
Reason IcmpTranslation::inward_error(net::PacketView& error) {
  const auto quoted = quoted_flow_of(error);
  if (!quoted) return Reason::unsupported_protocol;
  const SessionId id = translations_.find(quoted->reversed(), Side::outside);
  if (id == kNoTranslation) return Reason::no_connection;
  const net::Endpoint& inside = translations_.inside(id);
  if (!rewrite_quote(error, {inside, quoted->destination, quoted->protocol})) {
    return Reason::malformed;
  }
  error.set_destination({inside.address, 0});
  return Reason::none;
}

}  // namespace elblab::middlebox
