#include "models/forwarding/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "models/contract/require.hpp"

namespace elblab::forwarding {

void TimerWheel::arm(ConnectionId id, Tick deadline) {
  const Tick latest = current_ + 0xFFFFFFFF;
  links_[id].deadline = static_cast<std::uint32_t>(std::clamp(deadline, current_, latest));
  if (armed_++ == 0) earliest_ = kNoTick;
  place(id);
}

void TimerWheel::disarm(ConnectionId id) {
  ELBLAB_REQUIRE(armed_ > 0, "there is a timer to disarm");
  const Link link = links_[id];
  --armed_;
  if (link.next != kNoConnection) links_[link.next].previous = link.previous;
  if ((link.previous & kHeadMark) == 0) {
    links_[link.previous].next = link.next;
    return;
  }
  const unsigned slot = link.previous & ~kHeadMark;
  heads_[slot] = link.next;
  if (link.next == kNoConnection) occupied_[slot / 64] &= ~(1ULL << (slot % 64));
}

ConnectionId TimerWheel::pop_due(Tick now) {
  while (true) {
    const ConnectionId due = heads_[static_cast<unsigned>(current_) % kSlots];
    if (due != kNoConnection) {
      disarm(due);
      return due;
    }
    const Tick event = next_event();
    if (event > now) {
      earliest_ = event;
      current_ = std::max(current_, now);
      return kNoConnection;
    }
    move_to(event);
  }
}

void TimerWheel::push(unsigned slot, ConnectionId id) {
  const std::uint32_t first = heads_[slot];
  links_[id].next = first;
  links_[id].previous = kHeadMark | slot;
  if (first != kNoConnection) links_[first].previous = id;
  heads_[slot] = id;
  occupied_[slot / 64] |= 1ULL << (slot % 64);
}

void TimerWheel::place(ConnectionId id) {
  const std::uint32_t deadline = links_[id].deadline;
  const std::uint32_t ahead = deadline - static_cast<std::uint32_t>(current_);
  const unsigned level =
      ahead == 0 ? 0 : (31u - static_cast<unsigned>(std::countl_zero(ahead))) / kSlotBits;
  const unsigned shift = kSlotBits * level;
  // Where the slot's turn begins: the timer itself on the first wheel, a move down on the others.
  earliest_ = std::min(earliest_, ((current_ + ahead) >> shift) << shift);
  push(level * kSlots + ((deadline >> shift) % kSlots), id);
}

TimerWheel::Tick TimerWheel::next_event() const {
  Tick earliest = kNoTick;
  for (unsigned level = 0; level < kLevels; ++level) {
    const Tick turn = current_ >> (kSlotBits * level);
    const unsigned distance = distance_to_occupied(level, static_cast<unsigned>(turn) % kSlots);
    if (distance == 0) continue;
    earliest = std::min(earliest, (turn + distance) << (kSlotBits * level));
  }
  return earliest;
}

unsigned TimerWheel::distance_to_occupied(unsigned level, unsigned from) const {
  const std::uint64_t* words = &occupied_[level * kSlots / 64];
  for (unsigned distance = 1; distance <= kSlots;) {
    const unsigned slot = (from + distance) % kSlots;
    const std::uint64_t rest = words[slot / 64] >> (slot % 64);
    if (rest != 0) {
      const unsigned found = distance + static_cast<unsigned>(std::countr_zero(rest));
      return found <= kSlots ? found : 0;
    }
    distance += 64 - slot % 64;
  }
  return 0;
}

void TimerWheel::move_to(Tick tick) {
  current_ = tick;
  for (unsigned level = kLevels - 1; level > 0; --level) {
    const Tick digits_below = (Tick{1} << (kSlotBits * level)) - 1;
    if ((tick & digits_below) == 0) cascade(level);
  }
}

void TimerWheel::cascade(unsigned level) {
  const unsigned slot =
      level * kSlots + static_cast<unsigned>(current_ >> (kSlotBits * level)) % kSlots;
  ConnectionId id = heads_[slot];
  heads_[slot] = kNoConnection;
  occupied_[slot / 64] &= ~(1ULL << (slot % 64));
  while (id != kNoConnection) {
    const ConnectionId next = links_[id].next;
    place(id);
    id = next;
  }
}

}  // namespace elblab::forwarding
