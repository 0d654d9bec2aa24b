// Which server has which slot of a source hash, and which slot an address has (SCH-06).
//
// Consistent: the table of Maglev (Eisenbud et al., NSDI 2016, section 3.4). Each server goes
// through the slots in an order of its own, made of its key, and the servers take one free slot
// each in turn. So shares differ by one slot at most, whatever the weights (SCH-07); when a server
// goes, its slots are shared out, and of the others' few change hands (0.2 % with 10 servers).
// Servers take their turns in the order of their keys: the table depends on the set of keys and the
// seed alone, not on the order in which servers were added or on what there was before.
//
// Modulo (the "static table" of CON-27): slot s belongs to server number s mod n of the n in the
// table, numbered as they come. When one goes, all but one in n of the slots change hands.
//
// 131,074 bytes; filling it costs O(slots × log(slots)), milliseconds: done on changes, not
// with every flow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"
#include "models/scheduling/candidates.hpp"

namespace elblab::scheduling {

class SlotTable {
 public:
  // A prime, so that each step from 1 to slots - 1 leads through all of them.
  static constexpr std::uint32_t kSlots = 65537;
  static constexpr std::uint16_t kNobody = 0xFFFF;

  struct Member {
    ServerKey key = 0;
    std::uint16_t server = 0;  // what the table answers; below kNobody
  };

  // Nobody has a slot before the first fill().
  void fill(std::span<const Member> members, config::SourceHash settings);
  // kNobody when nobody is in the table.
  std::uint16_t holder(std::uint32_t slot) const { return slots_.empty() ? kNobody : slots_[slot]; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(std::uint16_t); }

 private:
  void fill_consistently(std::span<const Member> members, std::uint64_t seed);
  void fill_by_number(std::span<const Member> members);

  std::vector<std::uint16_t> slots_;  // empty or kSlots
};

// The usable ones, in the order of their numbers.
std::vector<SlotTable::Member> table_members(const Candidates& candidates);

// The slot of a client, by all bits of its address: two addresses of one family share one by chance
// only. Alike on all nodes that were given the same seed.
std::uint32_t slot_of(const net::IpAddress& client, std::uint64_t seed);

}  // namespace elblab::scheduling
