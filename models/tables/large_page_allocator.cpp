#include "models/tables/large_page_allocator.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace elblab::tables {
namespace {

constexpr std::size_t kCacheLine = 64;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= kLargePage ? kLargePage : kCacheLine};
}

}  // namespace

void* allocate_table_memory(std::size_t bytes) {
  void* const memory = ::operator new(bytes, alignment_of(bytes));
#ifdef __linux__
  // Whole large pages only: the last, partly used one would cost more than it brings.
  if (bytes >= kLargePage) madvise(memory, bytes - bytes % kLargePage, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_table_memory(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, alignment_of(bytes));
}

}  // namespace elblab::tables
