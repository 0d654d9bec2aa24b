#include "worlds/packets/flow_lookup.hpp"

#include <utility>

namespace elblab::worlds {

void FlowLookup::put(Slot slot) {
  std::size_t i = slot.hash & mask();
  while (slots_[i].number != 0) i = (i + 1) & mask();
  slots_[i] = slot;
}

void FlowLookup::insert(std::uint32_t hash, std::uint32_t number) {
  if (++used_ * 2 > slots_.size()) grow();
  put({hash, number});
}

void FlowLookup::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.number != 0) put(slot);
  }
}

void FlowLookup::erase(std::uint32_t hash, std::uint32_t number) {
  std::size_t hole = hash & mask();
  while (slots_[hole].number != number || slots_[hole].hash != hash) {
    if (slots_[hole].number == 0) return;
    hole = (hole + 1) & mask();
  }
  --used_;
  // What stands behind the hole moves into it, unless its own place lies between the two.
  for (std::size_t i = (hole + 1) & mask(); slots_[i].number != 0; i = (i + 1) & mask()) {
    const std::size_t home = slots_[i].hash & mask();
    if (((i - home) & mask()) < ((i - hole) & mask())) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = {};
}

}  // namespace elblab::worlds
