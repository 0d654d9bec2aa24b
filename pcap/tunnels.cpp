#include "pcap/tunnels.hpp"

#include "models/net/bytes.hpp"
#include "models/net/flow_key.hpp"
#include "models/net/header_sizes.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::pcap {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kIpInIp = 4;
constexpr std::uint8_t kIpv6InIp = 41;
constexpr std::uint8_t kGre = 47;
constexpr std::uint8_t kUdp = static_cast<std::uint8_t>(net::Protocol::udp);
constexpr std::uint16_t kVxlanPort = 4789;
constexpr std::uint16_t kGenevePort = 6081;
constexpr std::uint16_t kEthernetInside = 0x6558;  // Transparent Ethernet Bridging
constexpr std::uint16_t kErspan = 0x88BE;
constexpr std::size_t kVxlanHeader = 8;
constexpr std::size_t kGeneveHeader = 8;

// A packet that says of itself that it is one: its version, and a length that can be.
bool is_packet(Bytes bytes) {
  if (bytes.size() < net::kV4Header) return false;
  const unsigned version = bytes[0] >> 4U;
  if (version == 6) return bytes.size() >= net::kV6Header;
  return version == 4 && (bytes[0] & 0x0FU) >= 5;
}

Bytes skip(Bytes bytes, std::size_t count) {
  return bytes.size() < count ? Bytes{} : bytes.subspan(count);
}

Bytes in_ethernet(Bytes frame) {
  const Frame opened = open_frame(link_type::ethernet, frame);
  return opened.content == FrameContent::ip ? opened.packet : Bytes{};
}

Bytes inside_of_ether_type(std::uint16_t ether_type, Bytes rest) {
  if (ether_type == 0x0800 || ether_type == 0x86DD) return rest;
  return ether_type == kEthernetInside ? in_ethernet(rest) : Bytes{};
}

Bytes in_gre(Bytes gre) {
  if (gre.size() < 4) return {};
  const std::uint16_t flags = net::load16(gre.data());
  const std::uint16_t inside = net::load16(gre.data() + 2);
  if ((flags & 0x0007U) != 0) return {};  // version 1 is PPTP's
  const std::size_t header = 4 + ((flags & 0x8000U) != 0 ? 4U : 0U) +
                             ((flags & 0x2000U) != 0 ? 4U : 0U) +
                             ((flags & 0x1000U) != 0 ? 4U : 0U);
  const Bytes rest = skip(gre, header);
  if (inside != kErspan) return inside_of_ether_type(inside, rest);
  // Type II has a header of its own, and says so by a sequence number.
  constexpr std::size_t kErspanHeader = 8;
  return in_ethernet((flags & 0x1000U) != 0 ? skip(rest, kErspanHeader) : rest);
}

Bytes in_vxlan(Bytes vxlan) {
  if (vxlan.size() < kVxlanHeader || (vxlan[0] & 0x08U) == 0) return {};
  return in_ethernet(vxlan.subspan(kVxlanHeader));
}

Bytes in_geneve(Bytes geneve) {
  if (geneve.size() < kGeneveHeader || geneve[0] >> 6U != 0) return {};
  const std::size_t options = std::size_t{geneve[0] & 0x3FU} * 4;
  return inside_of_ether_type(net::load16(geneve.data() + 2),
                              skip(geneve, kGeneveHeader + options));
}

Bytes in_udp(Bytes udp) {
  if (udp.size() < net::kUdpHeader) return {};
  const Bytes payload = udp.subspan(net::kUdpHeader);
  switch (net::load16(udp.data() + 2)) {
    case kVxlanPort:
      return in_vxlan(payload);
    case kGenevePort:
      return in_geneve(payload);
    default:
      return {};
  }
}

Bytes inside(std::uint8_t protocol, Bytes transport) {
  switch (protocol) {
    case kIpInIp:
    case kIpv6InIp:
      return transport;
    case kGre:
      return in_gre(transport);
    case kUdp:
      return in_udp(transport);
    default:
      return {};
  }
}

Bytes one_further(Bytes packet) {
  if (!is_packet(packet)) return {};
  if (packet[0] >> 4U == 6) {
    return inside(packet[6], packet.subspan(net::kV6Header));
  }
  if ((net::load16(packet.data() + 6) & 0x3FFFU) != 0) return {};
  return inside(packet[9], skip(packet, std::size_t{packet[0] & 0x0FU} * 4));
}

}  // namespace

Bytes innermost_packet(Bytes packet) {
  for (unsigned depth = 0; depth < kMostTunnels; ++depth) {
    const Bytes further = one_further(packet);
    if (!is_packet(further)) break;
    packet = further;
  }
  return packet;
}

}  // namespace elblab::pcap
