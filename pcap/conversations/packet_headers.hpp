// What conversations need of one IP packet: flow, sequence numbers, flags, and how much it carried.
//
// Lengths come from the headers, not from the captured bytes: a packet that the snap length cut
// counts in full as long as its headers are there. Sources: RFC 791, RFC 8200, RFC 9293, RFC 768.
#pragma once

#include <cstdint>
#include <span>

#include "models/net/flow_key.hpp"

namespace elblab::pcap {

struct PacketHeaders {
  net::FlowKey flow;
  std::uint32_t sequence = 0;  // TCP
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;            // TCP, net::tcp_flag
  std::uint16_t identification = 0;  // IPv4; 0 for IPv6
  std::uint8_t hop_limit = 0;        // IPv4: time to live
  std::uint16_t window = 0;          // TCP, not scaled; 0 where the capture ends before it
  bool window_known = false;
  std::uint32_t payload = 0;               // bytes behind the transport header
  std::span<const std::uint8_t> captured;  // what the capture holds of them
  std::span<const std::uint8_t> options;   // TCP, as far as captured

  // One of these flags at least.
  bool has(std::uint8_t any_of) const { return (flags & any_of) != 0; }
};

enum class HeaderProblem : std::uint8_t {
  none,
  not_tcp_or_udp,
  fragment,  // not the first of its packet: it has no transport header
  cut,       // the capture ends inside the headers
  damaged,   // lengths that cannot be
};

// O(1), for IPv6 O(extension headers). Reads nothing beyond `packet`.
HeaderProblem read_headers(std::span<const std::uint8_t> packet, PacketHeaders& headers);

}  // namespace elblab::pcap
