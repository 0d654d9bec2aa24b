// The connection IDs of a QUIC datagram, as far as a balancer can read them: the
// version-independent part of a header (RFC 8999 sections 5.1 and 5.2; RFC 9000 section 17).
//
// A long header tells how long its IDs are. A short one does not: whoever gave out the ID knows. Of
// several packets in one datagram the first counts; the rest is for the same connection (RFC 9000
// section 12.2). Bits that versions may use as they like are not looked at, the fixed bit neither
// (RFC 9287).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace elblab::net {

struct QuicHeader {
  bool is_long = false;
  std::uint32_t version = 0;  // of a long header; 0: version negotiation
  // Views of the datagram: whose ID the receiver is to know, and (long headers) the sender's own.
  std::span<const std::uint8_t> destination;
  std::span<const std::uint8_t> source;

  bool negotiates_version() const { return is_long && version == 0; }
};

// short_id_bytes: how long the IDs in short headers are, 0 included. nullopt for a datagram that is
// too short for what it says it has.
std::optional<QuicHeader> parse_quic_header(std::span<const std::uint8_t> datagram,
                                            std::size_t short_id_bytes);

}  // namespace elblab::net
