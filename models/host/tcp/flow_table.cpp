#include "models/host/tcp/flow_table.hpp"

#include <utility>

namespace elblab::host {
namespace {
constexpr std::size_t kFirstSlots = 256;
}

FlowTable::FlowTable(std::uint64_t seed)
    : seed_(seed), slots_(kFirstSlots), mask_(kFirstSlots - 1) {}

void FlowTable::insert(std::uint32_t hash, std::uint32_t handle) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  std::size_t at = hash & mask_;
  while (slots_[at].handle != kNone) at = (at + 1) & mask_;
  slots_[at] = {hash, handle};
  ++size_;
}

std::size_t FlowTable::position(std::uint32_t hash, std::uint32_t handle) const {
  std::size_t at = hash & mask_;
  while (slots_[at].handle != handle) at = (at + 1) & mask_;
  return at;
}

void FlowTable::replace(std::uint32_t hash, std::uint32_t handle, std::uint32_t by) {
  slots_[position(hash, handle)].handle = by;
}

void FlowTable::erase(std::uint32_t hash, std::uint32_t handle) {
  std::size_t hole = position(hash, handle);
  // Move back every later entry of the run whose home is not between the hole and itself.
  for (std::size_t at = (hole + 1) & mask_; slots_[at].handle != kNone; at = (at + 1) & mask_) {
    const std::size_t home = slots_[at].hash & mask_;
    if (((at - home) & mask_) >= ((at - hole) & mask_)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = {};
  --size_;
}

void FlowTable::grow() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  size_ = 0;
  for (const Slot& slot : old) {
    if (slot.handle != kNone) insert(slot.hash, slot.handle);
  }
}

}  // namespace elblab::host
