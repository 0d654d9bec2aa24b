// The turns of flows that are still under way: linked lists through one vector with a free list, so
// that a flow of one turn costs one entry and memory of ended flows is used again.
#pragma once

#include <cstdint>
#include <vector>

#include "pcap/conversations/conversation.hpp"

namespace elblab::pcap {

// The turns of one flow.
struct TurnList {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t first = kNone;
  std::uint32_t last = kNone;
  PerSide<std::uint32_t> last_of{kNone, kNone};
  std::uint32_t count = 0;
};

class TurnPool {
 public:
  void append(TurnList& list, const Turn& turn) {
    const std::uint32_t entry = take(turn);
    if (list.count == 0) {
      list.first = entry;
    } else {
      entries_[list.last].next = entry;
    }
    list.last = entry;
    list.last_of[turn.from] = entry;
    ++list.count;
  }
  // Precondition: the list is not empty.
  Turn& last(const TurnList& list) { return entries_[list.last].turn; }
  // The last turn of one side; nullptr when it has none.
  Turn* last_of(const TurnList& list, Side side) {
    const std::uint32_t entry = list.last_of[side];
    return entry == TurnList::kNone ? nullptr : &entries_[entry].turn;
  }

  // Appends the turns to `to` in their order and frees them.
  void move_to(TurnList& list, std::vector<Turn>& to) {
    for (std::uint32_t at = list.first; at != TurnList::kNone;) {
      Entry& entry = entries_[at];
      to.push_back(entry.turn);
      const std::uint32_t next = entry.next;
      entry.next = free_;
      free_ = at;
      at = next;
    }
    list = {};
  }
  void drop(TurnList& list) {
    if (list.count == 0) return;
    entries_[list.last].next = free_;
    free_ = list.first;
    list = {};
  }

 private:
  struct Entry {
    Turn turn;
    std::uint32_t next = TurnList::kNone;
  };
  std::uint32_t take(const Turn& turn) {
    if (free_ == TurnList::kNone) {
      entries_.push_back({turn, TurnList::kNone});
      return static_cast<std::uint32_t>(entries_.size() - 1);
    }
    const std::uint32_t entry = free_;
    free_ = entries_[entry].next;
    entries_[entry] = {turn, TurnList::kNone};
    return entry;
  }

  std::vector<Entry> entries_;
  std::uint32_t free_ = TurnList::kNone;
};

}  // namespace elblab::pcap
