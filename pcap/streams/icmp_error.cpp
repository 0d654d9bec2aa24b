#include "pcap/streams/icmp_error.hpp"

#include "models/net/bytes.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/icmp.hpp"

namespace elblab::streams {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kPorts = 4;

bool set_ports(std::uint8_t protocol, Bytes transport, net::FlowKey& flow) {
  if (protocol != static_cast<std::uint8_t>(net::Protocol::tcp) &&
      protocol != static_cast<std::uint8_t>(net::Protocol::udp)) {
    return false;
  }
  if (transport.size() < kPorts) return false;
  flow.protocol = static_cast<net::Protocol>(protocol);
  flow.source.port = net::load16(transport.data());
  flow.destination.port = net::load16(transport.data() + 2);
  return true;
}

bool quoted_v4(Bytes packet, net::FlowKey& flow) {
  if (packet.size() < net::kV4Header || packet[0] >> 4U != 4) return false;
  const std::size_t header = std::size_t{packet[0] & 0x0FU} * 4;
  if (header < net::kV4Header || header > packet.size()) return false;
  flow.source.address = net::IpAddress::from_v4_bytes(packet.data() + 12);
  flow.destination.address = net::IpAddress::from_v4_bytes(packet.data() + 16);
  return set_ports(packet[9], packet.subspan(header), flow);
}

bool quoted_v6(Bytes packet, net::FlowKey& flow) {
  if (packet.size() < net::kV6Header || packet[0] >> 4U != 6) return false;
  flow.source.address = net::IpAddress::from_v6_bytes(packet.data() + 8);
  flow.destination.address = net::IpAddress::from_v6_bytes(packet.data() + 24);
  return set_ports(packet[6], packet.subspan(net::kV6Header), flow);
}

std::optional<IcmpError> read_v4(Bytes packet) {
  if (packet.size() < net::kV4Header || packet[9] != static_cast<std::uint8_t>(net::Protocol::icmp))
    return std::nullopt;
  const std::size_t header = std::size_t{packet[0] & 0x0FU} * 4;
  if (header < net::kV4Header || packet.size() < header + net::kIcmpHeader) return std::nullopt;
  const Bytes message = packet.subspan(header);
  if (message[0] != net::icmp_type::destination_unreachable &&
      message[0] != net::icmp_type::time_exceeded) {
    return std::nullopt;
  }
  IcmpError error;
  error.from = net::IpAddress::from_v4_bytes(packet.data() + 12);
  const bool unreachable = message[0] == net::icmp_type::destination_unreachable;
  error.port_closed = unreachable && message[1] == net::kIcmpPortUnreachable;
  error.unreachable = !unreachable || message[1] != net::kIcmpFragmentationNeeded;
  if (!quoted_v4(message.subspan(net::kIcmpHeader), error.about)) return std::nullopt;
  return error;
}

std::optional<IcmpError> read_v6(Bytes packet) {
  if (packet.size() < net::kV6Header + net::kIcmpHeader ||
      packet[6] != static_cast<std::uint8_t>(net::Protocol::icmpv6)) {
    return std::nullopt;
  }
  const Bytes message = packet.subspan(net::kV6Header);
  constexpr std::uint8_t kTimeExceeded = 3;
  const bool unreachable = message[0] == net::icmp_type::v6_destination_unreachable;
  if (!unreachable && message[0] != kTimeExceeded) return std::nullopt;
  IcmpError error;
  error.from = net::IpAddress::from_v6_bytes(packet.data() + 8);
  error.port_closed = unreachable && message[1] == net::kIcmpV6PortUnreachable;
  error.unreachable = true;
  if (!quoted_v6(message.subspan(net::kIcmpHeader), error.about)) return std::nullopt;
  return error;
}

}  // namespace

std::optional<IcmpError> read_icmp_error(Bytes packet) {
  if (packet.empty()) return std::nullopt;
  return packet[0] >> 4U == 6 ? read_v6(packet) : read_v4(packet);
}

}  // namespace elblab::streams
