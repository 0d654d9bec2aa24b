#include "models/tables/handle_index.hpp"

#include <utility>

#include "models/contract/require.hpp"

namespace elblab::tables {

void HandleIndex::insert(std::uint32_t hash, Handle handle) {
  ELBLAB_REQUIRE(handle != kNone, "a handle to insert is one");
  if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.size() + slots_.size() / 4);
  place({handle, hash});
  ++size_;
}

void HandleIndex::erase(std::uint32_t hash, Handle handle) {
  const std::size_t at = locate(hash, handle);
  const bool found = slots_[at].handle != kNone;
  ELBLAB_REQUIRE(found, "an entry to erase is in the index");
  if (!found) return;
  close_hole(at);
  --size_;
}

void HandleIndex::replace(std::uint32_t hash, Handle from, Handle to) {
  ELBLAB_REQUIRE(to != kNone, "a handle to replace another is one");
  const std::size_t at = locate(hash, from);
  const bool found = slots_[at].handle != kNone;
  ELBLAB_REQUIRE(found, "an entry to replace is in the index");
  if (found) slots_[at].handle = to;
}

void HandleIndex::reserve(std::size_t entries) {
  const std::size_t slots = entries + entries / 3 + 2;
  if (slots > slots_.size()) resize(slots);
}

std::size_t HandleIndex::locate(std::uint32_t hash, Handle handle) const {
  std::size_t at = home(hash);
  while (slots_[at].handle != kNone && !(slots_[at].handle == handle && slots_[at].hash == hash)) {
    at = next(at);
  }
  return at;
}

void HandleIndex::place(Slot slot) {
  std::size_t at = home(slot.hash);
  while (slots_[at].handle != kNone) at = next(at);
  slots_[at] = slot;
}

// Shifts back whatever can move towards its home across the hole.
void HandleIndex::close_hole(std::size_t hole) {
  for (std::size_t at = next(hole); slots_[at].handle != kNone; at = next(at)) {
    const std::size_t wanted = home(slots_[at].hash);
    const bool stays =
        hole < at ? (wanted > hole && wanted <= at) : (wanted > hole || wanted <= at);
    if (stays) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
}

void HandleIndex::resize(std::size_t slots) {
  const Slots old = std::exchange(slots_, Slots(slots));
  for (const Slot& slot : old) {
    if (slot.handle != kNone) place(slot);
  }
}

}  // namespace elblab::tables
