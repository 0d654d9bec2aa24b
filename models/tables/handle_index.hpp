// Finds handles by a hash of what they stand for: open addressing over 8-byte slots.
//
// A handle is a number that its owner gives: of a record, a slot, a connection. The index holds the
// handle and 32 bits of hash and never sees a key: the owner compares (`matches`), which a hash
// that happens to be equal asks for once in 4 billion pairs. So one index serves every table of
// records, and growing looks at no record.
//
// The home of an entry is its hash scaled to the capacity: a hash needs good high bits. Linear
// probing, deletion by shifting back (Knuth, TAOCP 3, 6.4, algorithm R: no tombstones), growth by a
// quarter at a load of 3/4: at most 13.4 bytes per entry, O(1) expected. Equal entries may be there
// more than once. A flood of equal hashes costs time linear in the flood, which is why tables that
// face untrusted traffic seed their hash per run. Order of iteration is not offered, as nothing may
// depend on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tables/large_page_allocator.hpp"

namespace elblab::tables {

class HandleIndex {
 public:
  using Handle = std::uint32_t;
  static constexpr Handle kNone = 0xFFFFFFFF;  // no handle

  HandleIndex() : slots_(kSmallest) {}

  // The first handle under this hash for which matches(handle) holds, or kNone.
  template <typename Matches>
  Handle find(std::uint32_t hash, Matches&& matches) const {
    // There is always an empty slot.
    for (std::size_t at = home(hash); slots_[at].handle != kNone; at = next(at)) {
      if (slots_[at].hash == hash && matches(slots_[at].handle)) return slots_[at].handle;
    }
    return kNone;
  }
  // Amortised O(1).
  void insert(std::uint32_t hash, Handle handle);
  // The entry is there.
  void erase(std::uint32_t hash, Handle handle);
  // The entry of `from` is there, and now leads to `to`.
  void replace(std::uint32_t hash, Handle from, Handle to);

  // Makes room for this many entries ahead of time.
  void reserve(std::size_t entries);
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }
  // A hint only. Inlined always, or g++ would remove calls of it as without effect.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const {
    __builtin_prefetch(&slots_[home(hash)]);
  }

 private:
  struct Slot {
    Handle handle = kNone;
    std::uint32_t hash = 0;
  };
  using Slots = std::vector<Slot, LargePageAllocator<Slot>>;
  static constexpr std::size_t kSmallest = 64;

  std::size_t home(std::uint32_t hash) const { return (std::uint64_t{hash} * slots_.size()) >> 32; }
  std::size_t next(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  // The slot of an entry, or the empty slot where its search ends.
  std::size_t locate(std::uint32_t hash, Handle handle) const;
  void place(Slot slot);
  void close_hole(std::size_t hole);
  void resize(std::size_t slots);

  Slots slots_;
  std::size_t size_ = 0;  // less than slots_.size()
};

}  // namespace elblab::tables
