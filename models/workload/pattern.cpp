#include "models/workload/pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/host/sockets.hpp"

namespace elblab::workload {
namespace {

using Table = std::array<std::uint8_t, host::kPatternPeriod + kLargestPatternSlice>;

const Table& table() {
  static const Table kTable = [] {
    Table bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = host::pattern_byte(i);
    return bytes;
  }();
  return kTable;
}

}  // namespace

std::span<const std::uint8_t> pattern_slice(std::uint64_t offset, std::size_t size) {
  return {table().data() + offset % host::kPatternPeriod, std::min(size, kLargestPatternSlice)};
}

bool matches_pattern(std::span<const std::uint8_t> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto expected = pattern_slice(offset, bytes.size());
    if (std::memcmp(bytes.data(), expected.data(), expected.size()) != 0) return false;
    bytes = bytes.subspan(expected.size());
    offset += expected.size();
  }
  return true;
}

}  // namespace elblab::workload
