// The TCP options a host reads and writes: MSS, window scale, SACK, timestamps (RFC 9293 §3.2,
// RFC 7323, RFC 2018). Unknown kinds (254, the TOA option, among them) are stepped over.
//
// The walk ends at End-of-Options, at the end of the bytes, or at a malformed length (below 2 or
// past the end): what was read before stays valid, as in Linux (linux-host.md row 25). It ends for
// every input in O(bytes).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace elblab::net {

namespace tcp_option {
inline constexpr std::uint8_t end = 0;
inline constexpr std::uint8_t nop = 1;
inline constexpr std::uint8_t mss = 2;
inline constexpr std::uint8_t window_scale = 3;
inline constexpr std::uint8_t sack_permitted = 4;
inline constexpr std::uint8_t sack = 5;
inline constexpr std::uint8_t timestamps = 8;
inline constexpr std::uint8_t toa = 254;
}  // namespace tcp_option

struct SackBlock {
  std::uint32_t begin = 0;  // first sequence number held
  std::uint32_t end = 0;    // one past the last
  friend bool operator==(const SackBlock&, const SackBlock&) = default;
};

struct TcpTimestamps {
  std::uint32_t value = 0;  // TSval
  std::uint32_t echo = 0;   // TSecr
  friend bool operator==(const TcpTimestamps&, const TcpTimestamps&) = default;
};

struct TcpOptions {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;  // 0..14; larger values are read as 14 (RFC 7323 §2.3)
  bool sack_permitted = false;
  std::optional<TcpTimestamps> timestamps;
  std::array<SackBlock, 4> sack{};
  std::uint8_t sack_count = 0;
  bool malformed = false;  // the walk stopped at a bad length

  static TcpOptions parse(std::span<const std::uint8_t> bytes);
  // Writes in the order and with the padding Linux uses (40-byte SYN header with all four:
  // MSS, SACK-permitted, timestamps, NOP, window scale). Returns the bytes written, a multiple of
  // four, at most 40; the span must hold 40.
  std::size_t write(std::span<std::uint8_t> out) const;
};

// One raw option as the walk meets it. Calls visit(kind, value bytes); used by parse() and TOA.
template <typename Visit>
bool walk_tcp_options(std::span<const std::uint8_t> bytes, Visit&& visit) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t kind = bytes[at];
    if (kind == tcp_option::end) return true;
    if (kind == tcp_option::nop) {
      ++at;
      continue;
    }
    if (at + 1 >= bytes.size()) return false;
    const std::size_t length = bytes[at + 1];
    if (length < 2 || at + length > bytes.size()) return false;
    visit(kind, bytes.subspan(at + 2, length - 2));
    at += length;
  }
  return true;
}

}  // namespace elblab::net
