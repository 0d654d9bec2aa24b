// The Internet checksum (RFC 1071) and its incremental update (RFC 1624, equation 3).
//
// All words are in host order; `fold` gives the one's complement sum, `~fold` the checksum field.
// Updates never recompute over the payload: O(changed bytes).
#pragma once

#include <cstdint>
#include <span>

#include "models/net/address.hpp"
#include "models/net/flow_key.hpp"

namespace elblab::net {

// Running one's complement sum of 16-bit big-endian words; an odd last byte is padded with zero.
std::uint64_t sum_bytes(std::span<const std::uint8_t> bytes, std::uint64_t sum = 0);

inline std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xFFFFFFFF) + (sum >> 32);
  sum = (sum & 0xFFFFFFFF) + (sum >> 32);
  sum = (sum & 0xFFFF) + (sum >> 16);
  sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

inline std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint16_t>(~fold(sum_bytes(bytes)));
}

// Sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1).
// Both addresses must be of one family.
std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                Protocol protocol, std::uint32_t segment_length);

// HC' = ~(~HC + ~m + m'), over any number of replaced words. Collects differences, applies once.
class ChecksumDelta {
 public:
  void replace16(std::uint16_t before, std::uint16_t after) {
    sum_ += static_cast<std::uint16_t>(~before);
    sum_ += after;
  }
  void replace32(std::uint32_t before, std::uint32_t after) {
    replace16(static_cast<std::uint16_t>(before >> 16), static_cast<std::uint16_t>(after >> 16));
    replace16(static_cast<std::uint16_t>(before), static_cast<std::uint16_t>(after));
  }
  void replace_address(const IpAddress& before, const IpAddress& after);
  std::uint16_t apply(std::uint16_t checksum_field) const {
    return static_cast<std::uint16_t>(
        ~fold(std::uint64_t{static_cast<std::uint16_t>(~checksum_field)} + sum_));
  }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace elblab::net
