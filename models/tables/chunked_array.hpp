// An array that grows by whole chunks: elements never move, growing copies nothing, and at most one
// chunk is spare. Elements without initialisers of their own are left as they are, so that
// untouched pages cost nothing. 32,768 elements to a chunk: for a cache line each, one large page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "models/tables/large_page_allocator.hpp"

namespace elblab::tables {

template <typename T>
class ChunkedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  T& operator[](std::uint32_t i) { return chunks_[i >> kChunkBits][i & kMask]; }
  const T& operator[](std::uint32_t i) const { return chunks_[i >> kChunkBits][i & kMask]; }

  // Makes elements 0..size-1 usable.
  void grow_to(std::size_t size) {
    while (capacity() < size) {
      void* const memory = allocate_table_memory(kChunk * sizeof(T));
      chunks_.emplace_back(static_cast<T*>(memory));
      std::uninitialized_default_construct_n(chunks_.back().get(), kChunk);
    }
  }
  std::size_t capacity() const { return chunks_.size() * kChunk; }
  std::size_t memory_bytes() const {
    return capacity() * sizeof(T) + chunks_.capacity() * sizeof(chunks_[0]);
  }

 private:
  struct Free {
    void operator()(T* chunk) const { free_table_memory(chunk, kChunk * sizeof(T)); }
  };
  static constexpr unsigned kChunkBits = 15;
  static constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;
  static constexpr std::uint32_t kMask = kChunk - 1;

  std::vector<std::unique_ptr<T[], Free>> chunks_;
};

}  // namespace elblab::tables
