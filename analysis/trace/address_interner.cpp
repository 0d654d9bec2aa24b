#include "analysis/trace/address_interner.hpp"

#include <utility>

#include "models/net/flow_key.hpp"

namespace elblab::trace {

AddressInterner::Slot& AddressInterner::find(const net::IpAddress& address) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = static_cast<std::size_t>(net::mix64(address.high() ^ 0xA0761D6478BD642FULL,
                                                      address.low() ^ 0xE7037ED1A0B428DBULL)) &
                  mask;
  while (slots_[i].id != 0 && !(slots_[i].address == address)) i = (i + 1) & mask;
  return slots_[i];
}

std::int64_t AddressInterner::id_of(const net::IpAddress& address, bool& is_new) {
  Slot* slot = &find(address);
  is_new = slot->id == 0;
  if (!is_new) return slot->id;
  if (static_cast<std::size_t>(last_id_ + 1) * 2 > slots_.size()) {
    grow();
    slot = &find(address);
  }
  *slot = {address, ++last_id_};
  return slot->id;
}

void AddressInterner::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.id != 0) find(slot.address) = slot;
  }
}

}  // namespace elblab::trace
