#include "models/net/checksum.hpp"

#include <bit>
#include <cstring>

#include "models/contract/require.hpp"

namespace elblab::net {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the sums below swap bytes once at the end (RFC 1071 §2(B))");

std::uint64_t load_native32(const std::uint8_t* p) {
  std::uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}

std::uint64_t load_native64(const std::uint8_t* p) {
  std::uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

constexpr std::uint64_t halves(std::uint64_t word) { return (word & 0xFFFFFFFF) + (word >> 32); }

}  // namespace

// The sum does not depend on byte order (RFC 1071 §2(B)) nor on the word width (§2(C)): add native
// 32-bit halves of 64-bit loads, whose carries collect in the upper half, and swap the folded
// result. 64 KiB add at most 2^14 halves, so the 64-bit sum cannot overflow.
std::uint64_t sum_bytes(std::span<const std::uint8_t> bytes, std::uint64_t sum) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t native = 0;
  while (left >= 32) {
    native += halves(load_native64(p)) + halves(load_native64(p + 8));
    native += halves(load_native64(p + 16)) + halves(load_native64(p + 24));
    p += 32;
    left -= 32;
  }
  while (left >= 8) {
    native += halves(load_native64(p));
    p += 8;
    left -= 8;
  }
  if (left >= 4) {
    native += load_native32(p);
    p += 4;
    left -= 4;
  }
  if (left >= 2) {
    std::uint16_t word;
    std::memcpy(&word, p, 2);
    native += word;
    p += 2;
    left -= 2;
  }
  if (left == 1) native += *p;  // the first byte of a big-endian word is the low one here
  return sum + __builtin_bswap16(fold(native));
}

std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                Protocol protocol, std::uint32_t segment_length) {
  ELBLAB_REQUIRE(source.is_v4() == destination.is_v4(), "both addresses are of one family");
  // RFC 8200 §8.1 and RFC 9293 §3.1 differ in the width of the fields only, not in their sum.
  const std::uint64_t fixed = static_cast<std::uint64_t>(protocol) + segment_length;
  if (source.is_v4()) return fixed + source.v4_value() + destination.v4_value();
  return fixed + halves(source.high()) + halves(source.low()) + halves(destination.high()) +
         halves(destination.low());
}

void ChecksumDelta::replace_address(const IpAddress& before, const IpAddress& after) {
  if (before.is_v4()) {
    replace32(before.v4_value(), after.v4_value());
    return;
  }
  sum_ += halves(~before.high()) + halves(~before.low());
  sum_ += halves(after.high()) + halves(after.low());
}

}  // namespace elblab::net
