#include "pcap/link_layer.hpp"

#include <algorithm>

#include "models/net/bytes.hpp"
#include "models/net/header_sizes.hpp"

namespace elblab::pcap {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kEtherV4 = 0x0800;
constexpr std::uint16_t kEtherV6 = 0x86DD;
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

Frame by_ether_type(std::uint16_t ether_type, Bytes rest) {
  std::uint8_t tags = 0;
  while (is_vlan(ether_type)) {
    if (tags == kMostVlanTags) return {FrameContent::not_ip, {}, tags};
    if (rest.size() < kVlanTag) return {FrameContent::cut_short, {}, tags};
    ether_type = net::load16(rest.data() + 2);
    rest = rest.subspan(kVlanTag);
    ++tags;
  }
  if (ether_type == kEtherV4 || ether_type == kEtherV6) return ip_packet(rest, tags);
  return {FrameContent::not_ip, {}, tags};
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

}  // namespace elblab::pcap
