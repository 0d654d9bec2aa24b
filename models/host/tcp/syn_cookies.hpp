// SYN cookies: the handshake without memory (row 23; net/ipv4/syncookies.c).
//
// The ISN carries a count of minutes, an index into a table of MSS values and a keyed hash; where
// the client sent timestamps, the low 6 bits of ours carry its window scale and SACK permission.
// A cookie is good for two minutes.
#pragma once

#include <cstdint>
#include <optional>

#include "models/host/tcp/segment.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

class SynCookies {
 public:
  explicit SynCookies(std::uint64_t secret) : secret_(secret) {}

  struct Options {
    std::uint16_t mss = 536;
    bool sack = false;
    std::optional<std::uint8_t> window_scale;
  };

  // The ISN that answers the SYN.
  std::uint32_t make(const Segment& syn, Instant now) const;
  // The MSS of the cookie that this ACK acknowledges; nullopt: none of ours, or too old.
  std::optional<std::uint16_t> check(const Segment& ack, Instant now) const;

  // `timestamp` with the options in its low bits, not above it (cookie_init_timestamp).
  static std::uint32_t encode(std::uint32_t timestamp, const net::TcpOptions& syn);
  static Options decode(std::uint32_t echoed_timestamp, std::uint16_t mss);

 private:
  std::uint32_t keyed(const Segment& segment, std::uint32_t count, std::uint32_t which) const;

  std::uint64_t secret_;
};

}  // namespace elblab::host
