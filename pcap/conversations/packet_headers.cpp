#include "pcap/conversations/packet_headers.hpp"

#include <algorithm>

#include "models/net/bytes.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/ipv6_extensions.hpp"

namespace elblab::pcap {
namespace {

using net::load16;
using net::load32;
using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kTcp = static_cast<std::uint8_t>(net::Protocol::tcp);
constexpr std::uint8_t kUdp = static_cast<std::uint8_t>(net::Protocol::udp);
// Up to the flags: what a segment must show to be of use.
constexpr std::size_t kTcpNeeded = 14;
constexpr std::size_t kTcpWindowEnd = 16;
constexpr std::size_t kUdpNeeded = 6;

Bytes captured(Bytes transport, std::size_t header, std::size_t payload) {
  const Bytes behind = transport.subspan(std::min(header, transport.size()));
  return behind.first(std::min(payload, behind.size()));
}

// `length`: bytes of the transport, by the IP header.
HeaderProblem read_tcp(Bytes transport, std::size_t length, PacketHeaders& headers) {
  if (transport.size() < kTcpNeeded) return HeaderProblem::cut;
  const std::uint8_t* const p = transport.data();
  const auto header = static_cast<std::size_t>(p[12] >> 4U) * 4;
  if (header < net::kTcpHeader || header > length) return HeaderProblem::damaged;
  headers.flow.protocol = net::Protocol::tcp;
  headers.flow.source.port = load16(p);
  headers.flow.destination.port = load16(p + 2);
  headers.sequence = load32(p + 4);
  headers.acknowledgment = load32(p + 8);
  headers.flags = p[13];
  headers.window_known = transport.size() >= kTcpWindowEnd;
  if (headers.window_known) headers.window = load16(p + 14);
  if (transport.size() > net::kTcpHeader) {
    headers.options = transport.subspan(net::kTcpHeader)
                          .first(std::min(header, transport.size()) - net::kTcpHeader);
  }
  headers.payload = static_cast<std::uint32_t>(length - header);
  headers.captured = captured(transport, header, headers.payload);
  return HeaderProblem::none;
}

// The datagram's own length tells the whole of one that is fragmented.
HeaderProblem read_udp(Bytes transport, PacketHeaders& headers) {
  if (transport.size() < kUdpNeeded) return HeaderProblem::cut;
  const std::uint8_t* const p = transport.data();
  const std::uint16_t length = load16(p + 4);
  if (length < net::kUdpHeader) return HeaderProblem::damaged;
  headers.flow.protocol = net::Protocol::udp;
  headers.flow.source.port = load16(p);
  headers.flow.destination.port = load16(p + 2);
  headers.payload = static_cast<std::uint32_t>(length - net::kUdpHeader);
  headers.captured = captured(transport, net::kUdpHeader, headers.payload);
  return HeaderProblem::none;
}

HeaderProblem read_transport(std::uint8_t protocol, Bytes packet, std::size_t offset,
                             std::size_t total, PacketHeaders& headers) {
  if (protocol != kTcp && protocol != kUdp) return HeaderProblem::not_tcp_or_udp;
  if (offset > total) return HeaderProblem::damaged;
  if (offset >= packet.size()) return HeaderProblem::cut;
  const Bytes transport = packet.subspan(offset);
  return protocol == kTcp ? read_tcp(transport, total - offset, headers)
                          : read_udp(transport, headers);
}

HeaderProblem read_v4(Bytes packet, PacketHeaders& headers) {
  if (packet.size() < net::kV4Header) return HeaderProblem::cut;
  const std::uint8_t* const p = packet.data();
  const auto header = static_cast<std::size_t>(p[0] & 0x0FU) * 4;
  // 0: left to the network card by segmentation offload; then the capture holds the whole.
  const std::size_t total = load16(p + 2) == 0 ? packet.size() : load16(p + 2);
  if (header < net::kV4Header || header > total) return HeaderProblem::damaged;
  if ((load16(p + 6) & 0x1FFFU) != 0) return HeaderProblem::fragment;
  headers.identification = load16(p + 4);
  headers.hop_limit = p[8];
  headers.flow.source.address = net::IpAddress::from_v4_bytes(p + 12);
  headers.flow.destination.address = net::IpAddress::from_v4_bytes(p + 16);
  return read_transport(p[9], packet, header, total, headers);
}

HeaderProblem read_v6(Bytes packet, PacketHeaders& headers) {
  if (packet.size() < net::kV6Header) return HeaderProblem::cut;
  const std::uint8_t* const p = packet.data();
  const std::size_t stated = load16(p + 4);
  const std::size_t total = stated == 0 ? packet.size() : net::kV6Header + stated;
  const net::Ipv6Chain chain =
      net::walk_ipv6_extensions(packet.first(std::min(total, packet.size())));
  if (chain.error == net::ParseError::fragment) return HeaderProblem::fragment;
  if (chain.error == net::ParseError::truncated) return HeaderProblem::cut;
  if (chain.error == net::ParseError::unsupported_protocol) return HeaderProblem::not_tcp_or_udp;
  if (chain.error != net::ParseError::none) return HeaderProblem::damaged;
  headers.hop_limit = p[7];
  headers.flow.source.address = net::IpAddress::from_v6_bytes(p + 8);
  headers.flow.destination.address = net::IpAddress::from_v6_bytes(p + 24);
  return read_transport(chain.next_header, packet, chain.transport, total, headers);
}

}  // namespace

HeaderProblem read_headers(Bytes packet, PacketHeaders& headers) {
  headers = {};
  if (packet.empty()) return HeaderProblem::cut;
  switch (packet[0] >> 4U) {
    case 4:
      return read_v4(packet, headers);
    case 6:
      return read_v6(packet, headers);
    default:
      return HeaderProblem::damaged;
  }
}

}  // namespace elblab::pcap
