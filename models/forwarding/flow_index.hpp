// Finds connection numbers by the hash of a flow: open addressing over 8-byte slots.
//
// A slot holds a connection number and 32 bits of hash; the home slot is the hash scaled to the
// capacity, so that growing needs no look at the connections and a false match of the hash is as
// rare as 1 in 4 billion per pair. The caller compares the flow itself. Linear probing, deletion by
// shifting back (no tombstones), load between 3/5 and 3/4: at most 13.4 bytes per entry.
// Correct for any input; a flood of equal hashes costs time linear in the flood, which is why the
// hash is seeded per run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/forwarding/connection.hpp"
#include "models/forwarding/large_page_allocator.hpp"

namespace elblab::forwarding {

class FlowIndex {
 public:
  FlowIndex() : slots_(kSmallest) {}

  // The first connection under this hash for which matches(id) holds, or kNoConnection.
  template <typename Matches>
  ConnectionId find(std::uint32_t hash, Matches&& matches) const {
    for (std::size_t at = home(hash);; at = next(at)) {
      const Slot& slot = slots_[at];
      if (slot.id_plus_one == 0) return kNoConnection;
      if (slot.hash == hash && matches(slot.id_plus_one - 1)) return slot.id_plus_one - 1;
    }
  }
  void insert(std::uint32_t hash, ConnectionId id);
  // The entry must exist.
  void erase(std::uint32_t hash, ConnectionId id);
  // The entry of `from` now leads to `to`.
  void replace(std::uint32_t hash, ConnectionId from, ConnectionId to);

  void reserve(std::size_t entries);
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }
  // A hint only. Inlined always, or g++ would remove calls of it as without effect.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const {
    __builtin_prefetch(&slots_[home(hash)]);
  }

 private:
  struct Slot {
    std::uint32_t id_plus_one = 0;  // 0: empty
    std::uint32_t hash = 0;
  };
  using Slots = std::vector<Slot, LargePageAllocator<Slot>>;
  static constexpr std::size_t kSmallest = 64;

  std::size_t home(std::uint32_t hash) const { return (std::uint64_t{hash} * slots_.size()) >> 32; }
  std::size_t next(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  std::size_t locate(std::uint32_t hash, ConnectionId id) const;
  void place(Slot slot);
  void resize(std::size_t slots);

  Slots slots_;
  std::size_t size_ = 0;
};

}  // namespace elblab::forwarding
