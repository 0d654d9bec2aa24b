// Finds the IP packet inside a captured frame: Ethernet with any number of VLAN tags (802.1Q,
// 802.1ad), LLC/SNAP, MPLS labels (RFC 3032) and PPPoE (RFC 2516), Linux cooked v1 and v2, PPP (RFC
// 1661, RFC 1662), NFLOG, PPI, raw IP, BSD loopback. What an IP packet carries in a tunnel is
// tunnels.hpp's to find.
//
// Numbers: the tcpdump group's registry of LINKTYPE_ values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace elblab::pcap {

namespace link_type {
inline constexpr std::uint16_t null = 0;  // BSD loopback, host byte order of the capturing machine
inline constexpr std::uint16_t ethernet = 1;
inline constexpr std::uint16_t ppp = 9;
inline constexpr std::uint16_t ppp_hdlc = 50;
inline constexpr std::uint16_t pppoe = 51;
inline constexpr std::uint16_t raw = 101;
inline constexpr std::uint16_t loop = 108;  // OpenBSD loopback, network byte order
inline constexpr std::uint16_t linux_sll = 113;
inline constexpr std::uint16_t ppi = 192;
inline constexpr std::uint16_t mpls = 219;
inline constexpr std::uint16_t ipv4 = 228;
inline constexpr std::uint16_t ipv6 = 229;
inline constexpr std::uint16_t nflog = 239;
inline constexpr std::uint16_t linux_sll2 = 276;
// Raw IP as some programs number it: their system's DLT_RAW in place of LINKTYPE_RAW.
inline constexpr std::uint16_t raw_bsd = 12;
inline constexpr std::uint16_t raw_openbsd = 14;
}  // namespace link_type

// "Ethernet", "raw IP", "link type 147"
std::string link_type_name(std::uint16_t link_type);

enum class FrameContent : std::uint8_t {
  ip,         // `packet` holds it
  not_ip,     // ARP, LLDP, more than kMostVlanTags tags, ...
  cut_short,  // the frame ends inside its link header, or holds no byte of the packet
  unknown_link_type,
};
std::string_view to_string(FrameContent content);

inline constexpr std::uint8_t kMostVlanTags = 8;

struct Frame {
  FrameContent content = FrameContent::not_ip;
  // The IP packet without link padding and frame check sequence (cut to its own total length where
  // the capture holds more); shorter than the total length when the capture cut it. A total length
  // of 0 (segmentation offload: the card fills it in after the capture, and for IPv6 a jumbogram)
  // keeps every byte. Whether the IP header is a right one is PacketView's to say.
  std::span<const std::uint8_t> packet;
  std::uint8_t vlan_tags = 0;
  // not_ip: what it is instead, an EtherType; 0: not told.
  std::uint16_t ether_type = 0;
};

// "ARP", "EtherType 0x88CC"
std::string ether_type_name(std::uint16_t ether_type);

// O(1). Reads nothing beyond `bytes`.
Frame open_frame(std::uint16_t link_type, std::span<const std::uint8_t> bytes);

}  // namespace elblab::pcap
