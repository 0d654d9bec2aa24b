// Sequence number arithmetic modulo 2^32 (RFC 9293 §3.4): comparisons hold for distances < 2^31.
#pragma once

#include <cstdint>

namespace elblab::host {

constexpr bool before(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool after(std::uint32_t a, std::uint32_t b) { return before(b, a); }
// a <= x <= b on the circle.
constexpr bool between(std::uint32_t x, std::uint32_t a, std::uint32_t b) { return b - a >= x - a; }

}  // namespace elblab::host
