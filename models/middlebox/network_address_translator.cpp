#include "models/middlebox/network_address_translator.hpp"

#include <numeric>

#include "models/forwarding/tcp_tracker.hpp"
#include "models/net/icmp.hpp"

namespace elblab::middlebox {

using network::Claim;
using telemetry::Reason;

namespace {

// Claim::part: the way a packet goes.
constexpr std::uint16_t kOutward = 0;
constexpr std::uint16_t kInward = 1;
constexpr std::uint16_t kPastTheMappings = 2;  // from outside straight to an inside address

// Whether a message tells of a packet to one of these addresses: its sender stands on their side of
// the box, be it a router without an address of theirs.
bool is_error_about(const net::PacketView& packet, const InsideNetworks& inside) {
  if (packet.has_ports()) return false;
  const auto quoted = net::quoted_flow(packet);
  return quoted && inside.contains(quoted->destination.address);
}

}  // namespace

std::uint64_t NatCounters::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

NetworkAddressTranslator::NetworkAddressTranslator(const config::Nat& nat, random::Stream stream,
                                                   telemetry::ObjectId object,
                                                   telemetry::Recorder& recorder,
                                                   std::uint16_t place)
    : addresses_(nat.addresses),
      takes_unasked_(nat.mapping == config::NatMapping::endpoint_independent),
      inside_(nat.inside),
      translations_(nat, inside_, stream, object, recorder),
      icmp_(translations_),
      object_(object),
      recorder_(recorder),
      place_(place) {
  for (const net::IpAddress& address : addresses_) outer_.insert({address, 0}, 0);
}

Claim NetworkAddressTranslator::claim(const net::PacketView& packet) const {
  if (!packet.is_v4()) return {};
  const auto certain = [&](std::uint16_t way) {
    return Claim{Claim::Kind::certain, false, way, place_, 0, packet.flow()};
  };
  const net::IpAddress destination = packet.destination();
  const bool to_inside = inside_.contains(destination);
  if (inside_.contains(packet.source()) || is_error_about(packet, inside_)) {
    return to_inside ? Claim() : certain(kOutward);
  }
  if (is_outer(destination)) return certain(kInward);
  return to_inside ? certain(kPastTheMappings) : Claim();
}

bool NetworkAddressTranslator::receive(net::PacketView& packet, std::size_t, const Claim& claim,
                                       Instant now, network::NodeOutput& out) {
  ++counters_.packets_in;
  const Reason reason = translate(packet, claim, now);
  if (reason != Reason::none) {
    drop(reason, claim.flow, now);
    return true;
  }
  ++counters_.packets_sent;
  out.send(packet.bytes(), network::Origin::received);
  return true;
}

Reason NetworkAddressTranslator::translate(net::PacketView& packet, const Claim& claim,
                                           Instant now) {
  if (!packet.ip_checksum_ok()) return Reason::bad_checksum;
  if (claim.part == kPastTheMappings) return Reason::no_route;
  if (claim.part == kInward && is_martian(packet.source())) return Reason::martian_source;
  if (!packet.decrement_time_to_live()) return Reason::time_to_live_expired;
  if (claim.part == kInward) return inward(packet, now);
  if (const Reason reason = outward(packet, now); reason != Reason::none) return reason;
  if (!is_outer(packet.destination())) return Reason::none;
  const Reason reason = inward(packet, now);
  if (reason == Reason::none) ++counters_.hairpinned;
  return reason;
}

// Addresses that no answer can be sent to, and the box's own (RFC 1812 §5.3.7).
bool NetworkAddressTranslator::is_martian(const net::IpAddress& source) const {
  return source.is_unspecified() || source.is_multicast() || source.is_loopback() ||
         is_outer(source);
}

Reason NetworkAddressTranslator::outward(net::PacketView& packet, Instant now) {
  if (!packet.has_ports()) return icmp_.outward(packet, now);
  const net::FlowKey flow = packet.flow();
  SessionId id = translations_.find(flow, Side::inside);
  if (id == kNoTranslation) {
    const bool tcp = flow.protocol == net::Protocol::tcp;
    if (tcp && !forwarding::opens_connection(packet)) return Reason::no_connection;
    const auto opened = translations_.open(flow, Side::inside, now);
    if (const Reason* why = std::get_if<Reason>(&opened)) return *why;
    id = std::get<SessionId>(opened);
  }
  if (!translations_.pass(id, Side::inside, packet, now)) return Reason::translation_table_full;
  packet.set_source(translations_.outer(id));
  return Reason::none;
}

Reason NetworkAddressTranslator::inward(net::PacketView& packet, Instant now) {
  if (!packet.has_ports()) return icmp_.inward(packet, now);
  const net::FlowKey flow = packet.flow();
  SessionId id = translations_.find(flow, Side::outside);
  if (id == kNoTranslation) {
    const bool tcp = flow.protocol == net::Protocol::tcp;
    if (!takes_unasked_ || (tcp && !forwarding::opens_connection(packet))) {
      return Reason::no_connection;
    }
    const auto opened = translations_.open(flow, Side::outside, now);
    if (const Reason* why = std::get_if<Reason>(&opened)) return *why;
    id = std::get<SessionId>(opened);
  }
  if (!translations_.pass(id, Side::outside, packet, now)) return Reason::translation_table_full;
  packet.set_destination(translations_.inside(id));
  return Reason::none;
}

std::optional<net::FlowKey> NetworkAddressTranslator::outer_flow(
    const net::FlowKey& inside_flow) const {
  const SessionId id = translations_.find(inside_flow, Side::inside);
  if (id == kNoTranslation) return std::nullopt;
  return net::FlowKey{translations_.outer(id), inside_flow.destination, inside_flow.protocol};
}

network::NodeCounts NetworkAddressTranslator::counts() const {
  return {counters_.packets_in, counters_.packets_sent, 0, 0, counters_.conserved()};
}

NatGauges NetworkAddressTranslator::gauges(net::Protocol protocol) const {
  const PortPools& pools = translations_.pools();
  return {translations_.sessions(), translations_.mappings(), pools.in_use(protocol),
          pools.capacity(protocol)};
}

NatGauges NetworkAddressTranslator::gauges() const {
  NatGauges sum = gauges(net::Protocol::tcp);
  for (const net::Protocol protocol : {net::Protocol::udp, net::Protocol::icmp}) {
    const NatGauges part = gauges(protocol);
    sum.ports_in_use += part.ports_in_use;
    sum.ports += part.ports;
  }
  return sum;
}

void NetworkAddressTranslator::drop(Reason reason, const net::FlowKey& flow, Instant now) {
  ++counters_.dropped[static_cast<std::size_t>(reason)];
  telemetry::Event event;
  event.at = now;
  event.kind = telemetry::EventKind::packet_dropped;
  event.reason = reason;
  event.object = object_;
  event.flow = flow;
  recorder_.record(event);
}

}  // namespace elblab::middlebox
