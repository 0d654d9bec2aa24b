// Independent, deliberately naive counterparts of models/net for tests: packets written byte by
// byte, and checksums recomputed in full, one 16-bit word at a time with end-around carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::net::reference {

using Bytes = std::vector<std::uint8_t>;

// One's complement sum of big-endian words, odd end padded with zero (RFC 1071 §1).
std::uint16_t ones_sum(std::span<const std::uint8_t> bytes);

enum class Transport : std::uint8_t { tcp, udp, udp_without_checksum, icmp };

// A packet and where its parts are.
struct Sample {
  Bytes bytes;  // without link padding
  bool v4 = true;
  Transport transport_kind = Transport::tcp;
  std::size_t transport = 0;  // offset of the transport header
  std::size_t payload = 0;    // offset of the payload
  std::uint8_t protocol = 0;  // the IP protocol number

  std::size_t checksum_field() const;
  std::size_t source_address() const { return v4 ? 12 : 8; }
  std::size_t destination_address() const { return v4 ? 16 : 24; }
  std::size_t address_size() const { return v4 ? 4 : 16; }
};

// The same bytes with every checksum recomputed in full (one that is absent stays absent).
Bytes with_fresh_checksums(const Sample& layout, Bytes bytes);

// A valid packet: either family, any transport, IPv4 options or IPv6 extension headers, TCP
// options (random bytes among them), 0..700 payload bytes, odd sizes as often as even ones.
Sample random_packet(random::Stream& stream);
Sample random_packet(random::Stream& stream, bool v4, Transport kind);

Bytes random_bytes(random::Stream& stream, std::size_t size);

}  // namespace elblab::net::reference
