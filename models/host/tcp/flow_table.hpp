// Finds a flow's record by its endpoints: an open-addressing table of 8-byte slots.
//
// The table holds a 32-bit hash and a 32-bit handle per flow; the endpoints stay in the records,
// and the caller compares them. Linear probing, deletion by backward shift (no tombstones), load
// at most 1/2, so that a lookup is one cache line as a rule. The hash is seeded per run: untrusted
// traffic cannot aim at one slot. The order of slots never decides anything.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/flow_key.hpp"

namespace elblab::host {

class FlowTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;  // no handle

  explicit FlowTable(std::uint64_t seed);

  std::uint32_t hash(const net::Endpoint& local, const net::Endpoint& remote) const {
    const std::uint64_t h =
        net::mix64(net::hash_of(local, seed_), net::hash_of(remote, ~seed_) | 1);
    return static_cast<std::uint32_t>(h ^ (h >> 32));
  }

  // The handle with this hash for which matches(handle) is true; kNone if there is none.
  template <typename Matches>
  std::uint32_t find(std::uint32_t hash, Matches&& matches) const {
    for (std::size_t at = hash & mask_; slots_[at].handle != kNone; at = (at + 1) & mask_) {
      if (slots_[at].hash == hash && matches(slots_[at].handle)) return slots_[at].handle;
    }
    return kNone;
  }
  // The flow must not be in the table. Amortised O(1): doubles at half load.
  void insert(std::uint32_t hash, std::uint32_t handle);
  // The flow must be in the table.
  void erase(std::uint32_t hash, std::uint32_t handle);
  // Gives the flow another handle in place.
  void replace(std::uint32_t hash, std::uint32_t handle, std::uint32_t by);

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t handle = kNone;
  };
  std::size_t position(std::uint32_t hash, std::uint32_t handle) const;
  void grow();

  std::uint64_t seed_;
  std::vector<Slot> slots_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

}  // namespace elblab::host
