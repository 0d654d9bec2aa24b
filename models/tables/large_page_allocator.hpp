// Memory for tables that packets reach at random: blocks of 2 MiB and more ask for large pages.
//
// With a million flows nearly every packet misses the TLB twice on 4 KiB pages, and under
// virtualisation each miss walks two page tables. The request is a hint: where the system knows no
// large pages nothing changes. It is the one call of the operating system in models/, and stays for
// what it brings (bench/forwarder.cpp, a million flows in random order, a process that may have
// large pages against one that may not, interleaved): a packet costs 1.3 to 1.4 times as much
// without, in batches 1.1 to 1.2 times. A new connection costs up to a fifth more with them, as
// whole large pages are cleared.
#pragma once

#include <cstddef>
#include <new>

namespace elblab::tables {

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

// Raw memory, aligned for any type up to a cache line; large pages from kLargePage on.
void* allocate_table_memory(std::size_t bytes);
void free_table_memory(void* memory, std::size_t bytes) noexcept;

template <typename T>
struct LargePageAllocator {
  using value_type = T;
  LargePageAllocator() = default;
  template <typename U>
  explicit LargePageAllocator(const LargePageAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(allocate_table_memory(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept { free_table_memory(memory, n * sizeof(T)); }
  friend bool operator==(const LargePageAllocator&, const LargePageAllocator&) { return true; }
};

}  // namespace elblab::tables
