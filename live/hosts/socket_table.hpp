// Open sockets by SocketId. Ids are never given twice: a slot has a generation in the id's upper
// half. The bits of kTagMask are free in every id, for a tag that says which table it is of.
//
// References stay valid while other sockets come and go, since an application may do anything from
// inside a callback. O(1).
#pragma once

#include <deque>
#include <vector>

#include "models/host/sockets.hpp"

namespace elblab::live {

template <typename T>
class SocketTable {
 public:
  static constexpr host::SocketId kTagMask = 0xC0000000;

  explicit SocketTable(host::SocketId tag) : tag_(tag) {}

  // A slot in its initial state.
  host::SocketId add() {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].used = true;
    return (host::SocketId{slots_[slot].generation} << 32) | tag_ | slot;
  }
  T* find(host::SocketId id) {
    const std::uint64_t slot = id & 0xFFFFFFFF & ~kTagMask;
    if ((id & kTagMask) != tag_ || slot >= slots_.size()) return nullptr;
    Slot& s = slots_[slot];
    return s.used && s.generation == id >> 32 ? &s.value : nullptr;
  }
  const T* find(host::SocketId id) const { return const_cast<SocketTable*>(this)->find(id); }
  // `id` must be in the table.
  void remove(host::SocketId id) {
    const auto slot = static_cast<std::uint32_t>(id & 0xFFFFFFFF & ~kTagMask);
    slots_[slot].value = T{};
    slots_[slot].used = false;
    ++slots_[slot].generation;
    free_.push_back(slot);
  }

 private:
  struct Slot {
    T value;
    std::uint32_t generation = 1;
    bool used = false;
  };

  host::SocketId tag_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace elblab::live
