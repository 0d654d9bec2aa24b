// The pattern stream of host/sockets.hpp as bytes in memory, to send from and to check against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace elblab::workload {

// The longest slice there is; longer streams are taken piece by piece.
inline constexpr std::size_t kLargestPatternSlice = 65536;

// Bytes [offset, offset + size) of the stream, size at most kLargestPatternSlice. Never freed.
// O(1).
std::span<const std::uint8_t> pattern_slice(std::uint64_t offset, std::size_t size);

// Whether `bytes` are what the stream holds from `offset` on. O(bytes), at the speed of memcmp.
bool matches_pattern(std::span<const std::uint8_t> bytes, std::uint64_t offset);

}  // namespace elblab::workload
