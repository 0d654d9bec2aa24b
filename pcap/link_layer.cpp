#include "pcap/link_layer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "models/net/bytes.hpp"
#include "models/net/header_sizes.hpp"

namespace elblab::pcap {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kEtherV4 = 0x0800;
constexpr std::uint16_t kEtherV6 = 0x86DD;
constexpr std::uint16_t kEtherMpls = 0x8847;
constexpr std::uint16_t kEtherMplsMulticast = 0x8848;
constexpr std::uint16_t kEtherPppoe = 0x8864;
constexpr std::size_t kVlanTag = 4;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kSllHeader = 16;
constexpr std::size_t kSll2Header = 20;
constexpr std::size_t kFamilyHeader = 4;

// Of these the protocol field of a cooked header is no EtherType.
constexpr std::uint16_t kArphrdNetlink = 824;

bool is_vlan(std::uint16_t ether_type) {
  return ether_type == 0x8100 || ether_type == 0x88A8 || ether_type == 0x9100;
}

// AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin; AF_INET is 2 everywhere.
bool is_ip_family(std::uint32_t family) {
  return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
}

std::size_t total_length(Bytes packet) {
  const unsigned version = packet[0] >> 4;
  if (version == 4 && packet.size() >= net::kV4Header) {
    const std::size_t length = net::load16(packet.data() + 2);
    return length < net::kV4Header ? packet.size() : length;
  }
  if (version == 6 && packet.size() >= net::kV6Header) {
    const std::size_t length = net::load16(packet.data() + 4);
    constexpr std::uint8_t kNoNextHeader = 59;
    const bool offloaded = length == 0 && packet[6] != kNoNextHeader;
    return offloaded ? packet.size() : net::kV6Header + length;
  }
  return packet.size();
}

Frame ip_packet(Bytes bytes, std::uint8_t vlan_tags = 0) {
  if (bytes.empty()) return {FrameContent::cut_short, {}, vlan_tags};
  const std::size_t length = std::min(bytes.size(), total_length(bytes));
  return {FrameContent::ip, bytes.first(length), vlan_tags};
}

// RFC 3032: labels to the bottom of the stack; what follows says by its version what it is.
Frame mpls(Bytes rest) {
  constexpr std::size_t kLabel = 4;
  while (rest.size() >= kLabel) {
    const bool bottom = (rest[2] & 0x01U) != 0;
    rest = rest.subspan(kLabel);
    if (!bottom) continue;
    if (rest.empty()) break;
    const unsigned version = rest[0] >> 4U;
    return version == 4 || version == 6 ? ip_packet(rest) : Frame{};
  }
  return {FrameContent::cut_short, {}, 0};
}

// RFC 1661: the protocol may be one byte, if it is odd; RFC 1662: address and control before it.
Frame ppp(Bytes rest) {
  constexpr std::uint16_t kV4 = 0x0021;
  constexpr std::uint16_t kV6 = 0x0057;
  if (rest.size() >= 2 && rest[0] == 0xFF && rest[1] == 0x03) rest = rest.subspan(2);
  if (rest.empty()) return {FrameContent::cut_short, {}, 0};
  const bool one_byte = (rest[0] & 0x01U) != 0;
  const std::size_t size = one_byte ? 1 : 2;
  if (rest.size() < size) return {FrameContent::cut_short, {}, 0};
  const std::uint16_t protocol = one_byte ? rest[0] : net::load16(rest.data());
  return protocol == kV4 || protocol == kV6 ? ip_packet(rest.subspan(size)) : Frame{};
}

// RFC 2516, a session's packet.
Frame pppoe(Bytes rest) {
  constexpr std::size_t kHeader = 6;
  if (rest.size() < kHeader) return {FrameContent::cut_short, {}, 0};
  return ppp(rest.subspan(kHeader));
}

constexpr std::uint16_t kFirstEtherType = 0x0600;  // below it is a length: LLC follows
constexpr std::size_t kSnapHeader = 8;

bool is_snap(Bytes rest) {
  return rest.size() >= kSnapHeader && rest[0] == 0xAA && rest[1] == 0xAA && rest[2] == 0x03;
}

Frame by_ether_type(std::uint16_t ether_type, Bytes rest) {
  std::uint8_t tags = 0;
  if (ether_type < kFirstEtherType && is_snap(rest)) {
    ether_type = net::load16(rest.data() + 6);
    rest = rest.subspan(kSnapHeader);
  }
  while (is_vlan(ether_type)) {
    if (tags == kMostVlanTags) return {FrameContent::not_ip, {}, tags, ether_type};
    if (rest.size() < kVlanTag) return {FrameContent::cut_short, {}, tags};
    ether_type = net::load16(rest.data() + 2);
    rest = rest.subspan(kVlanTag);
    ++tags;
  }
  switch (ether_type) {
    case kEtherV4:
    case kEtherV6:
      return ip_packet(rest, tags);
    case kEtherMpls:
    case kEtherMplsMulticast:
      return mpls(rest);
    case kEtherPppoe:
      return pppoe(rest);
    default:
      return {FrameContent::not_ip, {}, tags, ether_type};
  }
}

Frame ethernet(Bytes bytes) {
  if (bytes.size() < kEthernetHeader) return {FrameContent::cut_short, {}, 0};
  return by_ether_type(net::load16(bytes.data() + 12), bytes.subspan(kEthernetHeader));
}

Frame cooked(Bytes bytes, std::size_t header, std::size_t hardware_at, std::size_t protocol_at) {
  if (bytes.size() < header) return {FrameContent::cut_short, {}, 0};
  if (net::load16(bytes.data() + hardware_at) == kArphrdNetlink) return {};
  return by_ether_type(net::load16(bytes.data() + protocol_at), bytes.subspan(header));
}

// The byte order of the address family is the capturing machine's: the one that makes sense counts.
Frame loopback(Bytes bytes) {
  if (bytes.size() < kFamilyHeader) return {FrameContent::cut_short, {}, 0};
  const std::uint32_t family = net::load32(bytes.data());
  if (!is_ip_family(family) && !is_ip_family(__builtin_bswap32(family))) return {};
  return ip_packet(bytes.subspan(kFamilyHeader));
}

Frame raw(Bytes bytes) {
  if (bytes.empty()) return {FrameContent::cut_short, {}, 0};
  const unsigned version = bytes[0] >> 4;
  return version == 4 || version == 6 ? ip_packet(bytes) : Frame{};
}

// Its lengths and types are in the capturing machine's byte order, which is nearly always little.
Frame nflog(Bytes rest) {
  constexpr std::size_t kHeader = 4;
  constexpr std::size_t kTag = 4;
  constexpr std::uint16_t kPayload = 9;
  if (rest.size() < kHeader) return {FrameContent::cut_short, {}, 0};
  rest = rest.subspan(kHeader);
  while (rest.size() >= kTag) {
    const auto length = static_cast<std::uint16_t>(rest[0] | (rest[1] << 8U));
    const auto type = static_cast<std::uint16_t>(rest[2] | (rest[3] << 8U));
    if (length < kTag) return {};
    if (type == kPayload)
      return raw(
          rest.subspan(kTag).first(std::min<std::size_t>(length - kTag, rest.size() - kTag)));
    const std::size_t padded = (std::size_t{length} + 3) / 4 * 4;
    if (padded > rest.size()) break;
    rest = rest.subspan(padded);
  }
  return {FrameContent::cut_short, {}, 0};
}

// A header that tells the link type of what follows, both in little endian.
Frame ppi(Bytes bytes) {
  constexpr std::size_t kHeader = 8;
  if (bytes.size() < kHeader) return {FrameContent::cut_short, {}, 0};
  const auto length = static_cast<std::size_t>(bytes[2] | (bytes[3] << 8U));
  const auto inside = static_cast<std::uint16_t>(bytes[4] | (bytes[5] << 8U));
  if (length < kHeader || length > bytes.size()) return {FrameContent::cut_short, {}, 0};
  if (inside == link_type::ppi) return {};
  return open_frame(inside, bytes.subspan(length));
}

}  // namespace

Frame open_frame(std::uint16_t link_type, Bytes bytes) {
  switch (link_type) {
    case link_type::ethernet:
      return ethernet(bytes);
    case link_type::raw:
    case link_type::raw_bsd:
    case link_type::raw_openbsd:
    case link_type::ipv4:
    case link_type::ipv6:
      return raw(bytes);
    case link_type::linux_sll:
      return cooked(bytes, kSllHeader, 2, 14);
    case link_type::linux_sll2:
      return cooked(bytes, kSll2Header, 8, 0);
    case link_type::ppp:
    case link_type::ppp_hdlc:
      return ppp(bytes);
    case link_type::pppoe:
      return pppoe(bytes);
    case link_type::mpls:
      return mpls(bytes);
    case link_type::nflog:
      return nflog(bytes);
    case link_type::ppi:
      return ppi(bytes);
    case link_type::null:
    case link_type::loop:
      return loopback(bytes);
    default:
      return {FrameContent::unknown_link_type, {}, 0};
  }
}

std::string_view to_string(FrameContent content) {
  switch (content) {
    case FrameContent::ip:
      return "IP";
    case FrameContent::not_ip:
      return "not IP";
    case FrameContent::cut_short:
      return "cut short";
    case FrameContent::unknown_link_type:
      return "unknown link type";
  }
  return "?";
}

std::string link_type_name(std::uint16_t link_type) {
  switch (link_type) {
    case link_type::ethernet:
      return "Ethernet";
    case link_type::raw:
    case link_type::raw_bsd:
    case link_type::raw_openbsd:
      return "raw IP";
    case link_type::ipv4:
      return "raw IPv4";
    case link_type::ipv6:
      return "raw IPv6";
    case link_type::ppp:
      return "PPP";
    case link_type::ppp_hdlc:
      return "PPP in HDLC frames";
    case link_type::pppoe:
      return "PPPoE";
    case link_type::mpls:
      return "MPLS";
    case link_type::nflog:
      return "NFLOG";
    case link_type::ppi:
      return "PPI";
    case 105:
      return "IEEE 802.11 (link type 105)";
    case 127:
      return "IEEE 802.11 with radiotap (link type 127)";
    case 187:
    case 201:
      return "Bluetooth (link type " + std::to_string(link_type) + ")";
    case 189:
    case 220:
      return "USB (link type " + std::to_string(link_type) + ")";
    case link_type::linux_sll:
      return "Linux cooked v1";
    case link_type::linux_sll2:
      return "Linux cooked v2";
    case link_type::null:
      return "BSD loopback";
    case link_type::loop:
      return "OpenBSD loopback";
    default:
      return "link type " + std::to_string(link_type);
  }
}

std::string ether_type_name(std::uint16_t ether_type) {
  switch (ether_type) {
    case 0x0806:
      return "ARP";
    case 0x88CC:
      return "LLDP";
    case 0x88E5:
      return "MACsec";
    default:
      break;
  }
  if (ether_type < kFirstEtherType) return "LLC (spanning tree and the like)";
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "EtherType 0x%04X", ether_type);
  return text.data();
}

}  // namespace elblab::pcap
