#include "models/forwarding/flow_index.hpp"

#include <utility>

namespace elblab::forwarding {

void FlowIndex::insert(std::uint32_t hash, ConnectionId id) {
  if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.size() + slots_.size() / 4);
  place({id + 1, hash});
  ++size_;
}

void FlowIndex::erase(std::uint32_t hash, ConnectionId id) {
  std::size_t hole = locate(hash, id);
  // Shift back whatever can move towards its home across the hole (Knuth, TAOCP 3, 6.4, R).
  for (std::size_t at = next(hole); slots_[at].id_plus_one != 0; at = next(at)) {
    const std::size_t wanted = home(slots_[at].hash);
    const bool stays =
        hole < at ? (wanted > hole && wanted <= at) : (wanted > hole || wanted <= at);
    if (stays) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
  --size_;
}

void FlowIndex::replace(std::uint32_t hash, ConnectionId from, ConnectionId to) {
  slots_[locate(hash, from)].id_plus_one = to + 1;
}

void FlowIndex::reserve(std::size_t entries) {
  const std::size_t slots = entries + entries / 3 + 2;
  if (slots > slots_.size()) resize(slots);
}

std::size_t FlowIndex::locate(std::uint32_t hash, ConnectionId id) const {
  std::size_t at = home(hash);
  while (slots_[at].id_plus_one != id + 1) at = next(at);
  return at;
}

void FlowIndex::place(Slot slot) {
  std::size_t at = home(slot.hash);
  while (slots_[at].id_plus_one != 0) at = next(at);
  slots_[at] = slot;
}

void FlowIndex::resize(std::size_t slots) {
  const Slots old = std::exchange(slots_, Slots(slots));
  for (const Slot& slot : old) {
    if (slot.id_plus_one != 0) place(slot);
  }
}

}  // namespace elblab::forwarding
