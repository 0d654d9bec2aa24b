// Finds the innermost IP packet of one that carries others: IP in IP (RFC 2003, RFC 4213), GRE (RFC
// 2784, RFC 2890; with Ethernet, and ERSPAN of version I and II in it), VXLAN (RFC 7348), GENEVE
// (RFC 8926).
#pragma once

#include <cstdint>
#include <span>

namespace elblab::pcap {

inline constexpr unsigned kMostTunnels = 4;  // one in the other

// `packet` itself where it carries no other, where it is a fragment, or where what is inside is no
// IP packet, or is cut short. Reads nothing beyond it. O(1).
std::span<const std::uint8_t> innermost_packet(std::span<const std::uint8_t> packet);

}  // namespace elblab::pcap
