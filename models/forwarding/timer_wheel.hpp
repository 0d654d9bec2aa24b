// One timer per connection, on a hierarchical timing wheel (Varghese and Lauck, 1987, scheme 7).
//
// Four wheels of 256 slots over ticks of 1 ms reach 49 days. arm, disarm: O(1), no allocation;
// advance: O(timers due + slots passed that hold something). A timer fires at the first tick at or
// after its deadline: at most 1 ms late, never early. Timers of one tick fire in an order fixed by
// the calls alone.
#pragma once

#include <array>
#include <cstdint>

#include "models/forwarding/connection.hpp"
#include "models/tables/chunked_array.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

class TimerWheel {
 public:
  using Tick = std::int64_t;
  static constexpr Duration kTick = std::chrono::milliseconds(1);

  TimerWheel() { heads_.fill(kNoConnection); }

  // The first tick at or after a point in time.
  static Tick tick_at_or_after(Instant at) {
    return (at.time_since_epoch().count() + kTick.count() - 1) / kTick.count();
  }
  static Instant instant_of(Tick tick) { return Instant(kTick * tick); }

  // Makes timers 0..count-1 usable.
  void grow_to(std::size_t count) { links_.grow_to(count); }
  // A deadline not after the current tick fires with the next advance.
  void arm(ConnectionId id, Tick deadline);
  // The timer must be armed.
  void disarm(ConnectionId id);

  Tick current() const { return current_; }
  // When pop_due() next has something to do, O(1); kNever when no timer is armed. May be early: it
  // is not corrected when a timer is disarmed, and some calls only move timers between wheels.
  Instant next_deadline() const { return armed_ == 0 ? kNever : instant_of(earliest_); }

  // Takes out one timer that is due at or before `now`; kNoConnection when there is none left, and
  // then the wheel stands at `now`.
  ConnectionId pop_due(Tick now);

  std::size_t memory_bytes() const { return links_.memory_bytes(); }

 private:
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kSlotBits = 8;
  static constexpr unsigned kSlots = 1u << kSlotBits;
  static constexpr std::uint32_t kHeadMark = 0x80000000;  // `previous` of a first element
  static constexpr Tick kNoTick = INT64_MAX;

  struct Link {
    std::uint32_t next;
    std::uint32_t previous;  // or kHeadMark | slot
    std::uint32_t deadline;  // tick, truncated: always less than 2^32 after current_
  };

  void push(unsigned slot, ConnectionId id);
  void place(ConnectionId id);
  // The next tick after current_ with a timer due or a slot to spread; kNoTick when there is none.
  Tick next_event() const;
  // 1..256: how far after `from` the next slot lies that holds something; 0 when none does.
  unsigned distance_to_occupied(unsigned level, unsigned from) const;
  void move_to(Tick tick);
  void cascade(unsigned level);

  std::array<std::uint32_t, kLevels * kSlots> heads_;
  std::array<std::uint64_t, kLevels * kSlots / 64> occupied_{};
  tables::ChunkedArray<Link> links_;
  Tick current_ = 0;
  Tick earliest_ = kNoTick;  // no event is before this tick
  std::size_t armed_ = 0;
};

}  // namespace elblab::forwarding
