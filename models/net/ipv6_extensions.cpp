#include "models/net/ipv6_extensions.hpp"

namespace elblab::net {
namespace {

constexpr std::size_t kFixedHeader = 40;
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint16_t kOffsetAndMore = 0xFFF9;  // fragment offset and the M flag

bool is_extension(std::uint8_t next_header) {
  return next_header == kHopByHop || next_header == kRouting || next_header == kFragment ||
         next_header == kDestinationOptions;
}

// What the header at `header` (8 bytes are there) means for the walk.
ParseError check(std::uint8_t kind, const std::uint8_t* header, bool first) {
  switch (kind) {
    case kHopByHop:  // RFC 8200 §4.1: only right behind the fixed header
      return first ? ParseError::none : ParseError::bad_header_length;
    case kRouting:  // segments left: the destination is not yet the final one of the checksum
      return header[3] == 0 ? ParseError::none : ParseError::unsupported_protocol;
    case kFragment:
      return (load16(header + 2) & kOffsetAndMore) == 0 ? ParseError::none : ParseError::fragment;
    default:
      return ParseError::none;
  }
}

std::size_t length_of(std::uint8_t kind, const std::uint8_t* header) {
  return kind == kFragment ? 8 : (std::size_t{header[1]} + 1) * 8;
}

}  // namespace

Ipv6Chain walk_ipv6_extensions(std::span<const std::uint8_t> packet) {
  Ipv6Chain chain{ParseError::none, packet[6], kFixedHeader};
  while (is_extension(chain.next_header)) {
    if (chain.transport + 8 > packet.size()) {
      chain.error = ParseError::bad_header_length;
      return chain;
    }
    const std::uint8_t* const header = packet.data() + chain.transport;
    chain.error = check(chain.next_header, header, chain.transport == kFixedHeader);
    if (chain.error != ParseError::none) return chain;
    const std::size_t length = length_of(chain.next_header, header);
    if (chain.transport + length > packet.size()) {
      chain.error = ParseError::bad_header_length;
      return chain;
    }
    chain.next_header = header[0];
    chain.transport += length;
  }
  return chain;
}

}  // namespace elblab::net
