// Records that never move, made one after the other. A chunk is room for 256 of them: those that
// were never made are never written, so that a host with one connection pays for one and not for
// 256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace elblab::tables {

template <typename T>
class LazyChunks {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  // i < size()
  T& operator[](std::uint32_t i) {
    return *std::launder(reinterpret_cast<T*>(&chunks_[i >> kShift][i & kMask]));
  }
  const T& operator[](std::uint32_t i) const { return const_cast<LazyChunks&>(*this)[i]; }

  // One more, with its initial values; its number is the size before. O(1).
  T& add() {
    if ((size_ & kMask) == 0) chunks_.push_back(std::make_unique_for_overwrite<Place[]>(kMask + 1));
    Place& place = chunks_[size_ >> kShift][size_ & kMask];
    ++size_;
    return *::new (static_cast<void*>(&place)) T{};
  }
  std::uint32_t size() const { return size_; }
  // Of those that were made.
  std::size_t memory_bytes() const { return size_ * sizeof(T); }

 private:
  static constexpr unsigned kShift = 8;
  static constexpr std::uint32_t kMask = (1U << kShift) - 1;
  struct Place {
    alignas(T) std::byte bytes[sizeof(T)];
  };

  std::vector<std::unique_ptr<Place[]>> chunks_;
  std::uint32_t size_ = 0;
};

}  // namespace elblab::tables
