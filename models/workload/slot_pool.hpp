// Per-connection state, with a free list through the slots.
//
// A slot has a generation that changes whenever it is released, so that a timer set for an earlier
// tenant finds itself stale (SlotRef). Slots never move: growing copies nothing and leaves nothing
// spare, of which a vector has as much again as it holds.
#pragma once

#include <cstdint>
#include <deque>

namespace elblab::workload {

struct SlotRef {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

template <typename T>
class SlotPool {
 public:
  SlotRef acquire() {
    if (free_ == kNone) {
      slots_.emplace_back();
      slots_.back().next = kNone;
      free_ = static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_;
    free_ = slots_[slot].next;
    slots_[slot].value = T{};
    slots_[slot].used = true;
    ++in_use_;
    return {slot, slots_[slot].generation};
  }
  void release(std::uint32_t slot) {
    Slot& s = slots_[slot];
    ++s.generation;
    s.used = false;
    s.next = free_;
    free_ = slot;
    --in_use_;
  }
  // Makes every timer set so far for this slot stale without releasing it.
  SlotRef renew(std::uint32_t slot) { return {slot, ++slots_[slot].generation}; }
  SlotRef ref(std::uint32_t slot) const { return {slot, slots_[slot].generation}; }
  bool current(const SlotRef& ref) const {
    const Slot& s = slots_[ref.slot];
    return s.used && s.generation == ref.generation;
  }

  T& operator[](std::uint32_t slot) { return slots_[slot].value; }
  const T& operator[](std::uint32_t slot) const { return slots_[slot].value; }
  bool used(std::uint32_t slot) const { return slots_[slot].used; }
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(slots_.size()); }
  std::uint32_t in_use() const { return in_use_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Slot {
    T value{};
    std::uint32_t generation = 0;
    std::uint32_t next = kNone;
    bool used = false;
  };
  std::deque<Slot> slots_;
  std::uint32_t free_ = kNone;
  std::uint32_t in_use_ = 0;
};

}  // namespace elblab::workload
