// Finds the IP packet inside a captured frame: Ethernet with any number of VLAN tags (802.1Q,
// 802.1ad), Linux cooked v1 and v2, raw IP, BSD loopback.
//
// Numbers: the tcpdump group's registry of LINKTYPE_ values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace elblab::pcap {

namespace link_type {
inline constexpr std::uint16_t null = 0;  // BSD loopback, host byte order of the capturing machine
inline constexpr std::uint16_t ethernet = 1;
inline constexpr std::uint16_t raw = 101;
inline constexpr std::uint16_t loop = 108;  // OpenBSD loopback, network byte order
inline constexpr std::uint16_t linux_sll = 113;
inline constexpr std::uint16_t ipv4 = 228;
inline constexpr std::uint16_t ipv6 = 229;
inline constexpr std::uint16_t linux_sll2 = 276;
}  // namespace link_type

enum class FrameContent : std::uint8_t {
  ip,         // `packet` holds it
  not_ip,     // ARP, LLDP, ...
  cut_short,  // the frame ends inside its link header, or holds no byte of the packet
  unknown_link_type,
};
std::string_view to_string(FrameContent content);

struct Frame {
  FrameContent content = FrameContent::not_ip;
  // The IP packet without link padding (cut to its own total length where the capture holds more);
  // shorter than the total length when the capture cut it.
  std::span<const std::uint8_t> packet;
  std::uint8_t vlan_tags = 0;
};

// O(1). Reads nothing beyond `bytes`.
Frame open_frame(std::uint16_t link_type, std::span<const std::uint8_t> bytes);

}  // namespace elblab::pcap
