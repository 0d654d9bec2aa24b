// The chain of extension headers between an IPv6 header and the transport (RFC 8200 §4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/net/packet_view.hpp"

namespace elblab::net {

struct Ipv6Chain {
  ParseError error = ParseError::none;
  std::uint8_t next_header = 0;  // the number of the transport protocol
  std::size_t transport = 0;     // its offset in the packet; may be the packet's end
};

// Walks from the fixed header's next-header field over hop-by-hop options, routing headers that
// are used up, destination options and atomic fragment headers (RFC 6946). `packet` holds at least
// the 40 bytes of the fixed header. Ends for every input in O(bytes).
Ipv6Chain walk_ipv6_extensions(std::span<const std::uint8_t> packet);

}  // namespace elblab::net
