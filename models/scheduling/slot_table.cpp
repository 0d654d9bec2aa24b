#include "models/scheduling/slot_table.hpp"

#include <algorithm>

#include "models/contract/require.hpp"
#include "models/random/stream.hpp"

namespace elblab::scheduling {
namespace {

// The slots in the order in which one server wants them: from a first one in equal steps.
struct Wish {
  std::uint32_t next;
  std::uint32_t step;  // 1..kSlots - 1
  std::uint16_t server;

  void go_on() {
    next += step;
    if (next >= SlotTable::kSlots) next -= SlotTable::kSlots;
  }
};

Wish wish_of(const SlotTable::Member& member, std::uint64_t seed) {
  const std::uint64_t first = random::splitmix64(random::splitmix64(seed) ^ member.key);
  const std::uint64_t step = random::splitmix64(first);
  return {static_cast<std::uint32_t>(first % SlotTable::kSlots),
          static_cast<std::uint32_t>(step % (SlotTable::kSlots - 1) + 1), member.server};
}

}  // namespace

void SlotTable::fill(std::span<const Member> members, config::SourceHash settings) {
  ELBLAB_REQUIRE(members.size() < kNobody, "servers are numbered in 16 bits");
  if (members.empty()) {
    slots_.clear();
  } else if (settings.kind == config::SourceHash::Kind::consistent) {
    fill_consistently(members, settings.seed);
  } else {
    fill_by_number(members);
  }
}

void SlotTable::fill_consistently(std::span<const Member> members, std::uint64_t seed) {
  std::vector<Member> in_order(members.begin(), members.end());
  std::sort(in_order.begin(), in_order.end(), [](const Member& a, const Member& b) {
    return a.key != b.key ? a.key < b.key : a.server < b.server;
  });
  std::vector<Wish> wishes;
  wishes.reserve(in_order.size());
  for (const Member& member : in_order) wishes.push_back(wish_of(member, seed));

  slots_.assign(kSlots, kNobody);
  for (std::uint32_t left = kSlots; left > 0;) {
    for (Wish& wish : wishes) {
      while (slots_[wish.next] != kNobody) wish.go_on();
      slots_[wish.next] = wish.server;
      if (--left == 0) break;
    }
  }
}

void SlotTable::fill_by_number(std::span<const Member> members) {
  slots_.resize(kSlots);
  std::size_t number = 0;
  for (std::uint16_t& slot : slots_) {
    slot = members[number].server;
    number = number + 1 == members.size() ? 0 : number + 1;
  }
}

std::vector<SlotTable::Member> table_members(const Candidates& candidates) {
  std::vector<SlotTable::Member> members;
  for (std::size_t server = 0; server < candidates.size(); ++server) {
    if (!candidates[server].usable()) continue;
    members.push_back({candidates.key(server), static_cast<std::uint16_t>(server)});
  }
  return members;
}

// Each step is one to one in the half of the address that it takes in, so addresses that differ in
// one half never meet before the hash is scaled to the table.
std::uint32_t slot_of(const net::IpAddress& client, std::uint64_t seed) {
  const std::uint64_t half = random::splitmix64(random::splitmix64(seed) ^ client.high());
  const std::uint64_t hash = random::splitmix64(half ^ client.low());
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint32_t>(Wide{hash} * SlotTable::kSlots >> 64);
}

}  // namespace elblab::scheduling
