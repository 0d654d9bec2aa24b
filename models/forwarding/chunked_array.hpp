// An array that grows by whole chunks: elements never move, growing copies nothing, and at most one
// chunk is spare. Elements are left uninitialised, so that untouched pages cost nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace elblab::forwarding {

template <typename T>
class ChunkedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  T& operator[](std::uint32_t i) { return chunks_[i >> kChunkBits][i & kMask]; }
  const T& operator[](std::uint32_t i) const { return chunks_[i >> kChunkBits][i & kMask]; }

  // Makes elements 0..size-1 usable.
  void grow_to(std::size_t size) {
    while (capacity() < size) chunks_.push_back(std::make_unique_for_overwrite<T[]>(kChunk));
  }
  std::size_t capacity() const { return chunks_.size() * kChunk; }
  std::size_t memory_bytes() const {
    return capacity() * sizeof(T) + chunks_.capacity() * sizeof(chunks_[0]);
  }

 private:
  static constexpr unsigned kChunkBits = 13;
  static constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;
  static constexpr std::uint32_t kMask = kChunk - 1;

  std::vector<std::unique_ptr<T[]>> chunks_;
};

}  // namespace elblab::forwarding
