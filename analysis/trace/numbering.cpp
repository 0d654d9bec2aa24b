#include "analysis/trace/numbering.hpp"

#include <utility>

#include "models/net/flow_key.hpp"

namespace elblab::trace {
namespace {

std::uint64_t hash_of(const Numbering::Key& key) {
  const std::uint64_t first =
      net::mix64(key.a ^ 0xA0761D6478BD642FULL, key.b ^ 0xE7037ED1A0B428DBULL);
  return net::mix64(first ^ 0x8EBC6AF09C88C6E3ULL, key.c ^ 0x589965CC75374CC3ULL);
}

}  // namespace

Numbering::Slot& Numbering::find(const Key& key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = static_cast<std::size_t>(hash_of(key)) & mask;
  while (slots_[i].number != 0 && !(slots_[i].key == key)) i = (i + 1) & mask;
  return slots_[i];
}

std::int64_t Numbering::number_of(const Key& key, bool& is_new) {
  Slot* slot = &find(key);
  is_new = slot->number == 0;
  if (!is_new) return slot->number;
  if (static_cast<std::size_t>(last_ + 1) * 2 > slots_.size()) {
    grow();
    slot = &find(key);
  }
  *slot = {key, ++last_};
  return slot->number;
}

void Numbering::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.number != 0) find(slot.key) = slot;
  }
}

}  // namespace elblab::trace
