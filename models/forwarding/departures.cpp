#include "models/forwarding/departures.hpp"

#include "models/net/bytes.hpp"

namespace elblab::forwarding {

using network::Origin;

namespace {

// Packets below come from a node: they are whole and well-formed.
bool is_v4(std::span<const std::uint8_t> packet) { return packet[0] >> 4 == 4; }

net::IpAddress source_of(std::span<const std::uint8_t> packet) {
  return is_v4(packet) ? net::IpAddress::from_v4_bytes(packet.data() + 12)
                       : net::IpAddress::from_v6_bytes(packet.data() + 8);
}

net::IpAddress destination_of(std::span<const std::uint8_t> packet) {
  return is_v4(packet) ? net::IpAddress::from_v4_bytes(packet.data() + 16)
                       : net::IpAddress::from_v6_bytes(packet.data() + 24);
}

// With ports, unless they stand behind IPv6 extension headers.
net::FlowKey flow_of(std::span<const std::uint8_t> packet) {
  const bool v4 = is_v4(packet);
  net::FlowKey flow;
  flow.source.address = source_of(packet);
  flow.destination.address = destination_of(packet);
  flow.protocol = static_cast<net::Protocol>(v4 ? packet[9] : packet[6]);
  const std::size_t transport = v4 ? std::size_t{4} * (packet[0] & 15u) : 40;
  const bool has_ports = flow.protocol == net::Protocol::tcp || flow.protocol == net::Protocol::udp;
  if (has_ports && packet.size() >= transport + 4) {
    flow.source.port = net::load16(packet.data() + transport);
    flow.destination.port = net::load16(packet.data() + transport + 2);
  }
  return flow;
}

// What is kept with a packet that waits.
std::uint64_t tag_of(Origin origin) { return origin == Origin::made ? 1 : 0; }
Origin origin_of(std::uint64_t tag) { return tag != 0 ? Origin::made : Origin::received; }

}  // namespace

void Departures::send(std::span<const std::uint8_t> packet, Origin origin, Instant now,
                      network::NodeOutput& out) {
  if (!public_address_.is(source_of(packet))) return out.send(packet, origin);
  switch (public_address_.outbound().offer(packet, tag_of(origin), now)) {
    case bandwidth::Verdict::passed:
      return out.send(packet, origin);
    case bandwidth::Verdict::waits:
      return waiting_.add(origin, packet.size());
    case bandwidth::Verdict::dropped:
      return drop(packet, origin, now);
  }
}

void Departures::release(Instant now, network::NodeOutput& out) {
  while (const auto packet = public_address_.outbound().take(now)) {
    waiting_.take_away(origin_of(packet->tag), packet->bytes.size());
    out.send(packet->bytes, origin_of(packet->tag));
  }
}

void Departures::drop(std::span<const std::uint8_t> packet, Origin origin, Instant now) {
  dropped_.add(origin, packet.size());
  ledger_.dropped(telemetry::Reason::bandwidth_exceeded, flow_of(packet), now);
}

void Departures::correct(ForwarderCounters& sum) const {
  sum.packets_forwarded -= dropped_.forwarded + waiting_.forwarded;
  sum.bytes_forwarded -= dropped_.forwarded_bytes + waiting_.forwarded_bytes;
  sum.made_unsent += dropped_.made + waiting_.made;
  sum.packets_waiting += waiting_.forwarded + waiting_.made;
}

void Departures::Count::add(Origin origin, std::size_t bytes) {
  if (origin == Origin::made) {
    ++made;
  } else {
    ++forwarded;
    forwarded_bytes += bytes;
  }
}

void Departures::Count::take_away(Origin origin, std::size_t bytes) {
  if (origin == Origin::made) {
    --made;
  } else {
    --forwarded;
    forwarded_bytes -= bytes;
  }
}

}  // namespace elblab::forwarding
