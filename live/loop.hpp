// The one loop of a live run: packets of ports, events of the hosts' sockets, and the deadlines of
// both, in one thread.
//
// It is over a list of things to poll, whatever they are and however many balancers they belong to.
// Everything gets its turn in portions: a busy port does not keep sockets waiting, nor the other
// way round. A turn sleeps only when nobody has anything to do, to the nanosecond as far as the
// kernel's timers go.
//
// Cost of a turn: O(log things) for each that is readable, due or moved by one of those; the
// others are not asked.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "live/event_queue.hpp"
#include "live/pollable.hpp"
#include "live/run_clock.hpp"

namespace elblab::live {

class Loop {
 public:
  // The clock must outlive the loop.
  explicit Loop(const RunClock& clock) : clock_(clock) {}

  using Place = DeadlineBook::Place;
  static constexpr Place kNowhere = std::numeric_limits<Place>::max();

  // Before open(). Gives the thing's place: 0, 1, 2 …; what is due in one turn is advanced in this
  // order. Things must outlive the loop. `fed`: an earlier one that is served whenever this one was
  // ready, as if it were too: the port of a host, as what the host's sockets did made packets, and
  // a ring overflows sooner than a socket.
  Place add(Pollable& thing, Place fed = kNowhere);
  Expected<void> open();
  // A turn ends when this descriptor becomes readable.
  Expected<void> end_turns_at(int descriptor);
  // What is due at `end` or later is not run any more, as in a simulation that stops there.
  void end_at(Instant end) { end_ = end; }
  // Waits until `limit` at the latest, then serves whatever is ready or due. True: the descriptor
  // of end_turns_at() is readable.
  bool turn(Instant limit);
  // After someone outside the loop changed what no thing can notice (the timeline): asks all of
  // them. O(things).
  void ask_all() { deadlines_.all_moved(); }

  std::uint64_t turns() const { return turns_; }
  // The longest time that something may have waited for its turn: a turn's own length, with what
  // was done between it and the next (what came meanwhile was served late), or the time by which
  // it woke up later than it wanted to.
  Duration longest_delay() const { return longest_delay_; }

 private:
  struct Thing {
    Pollable* thing = nullptr;
    Place fed = kNowhere;
  };

  bool serve(std::span<const std::uint32_t> ready);
  void serve(Place place);
  void advance_due();
  // Flushes what was given something, and takes down its deadline.
  void settle();
  void note_delay(Duration delay) { longest_delay_ = std::max(longest_delay_, delay); }
  // The time up to which deadlines are due.
  Instant due_until() const { return std::min(clock_.now(), end_ - Duration(1)); }

  const RunClock& clock_;
  std::vector<Thing> things_;
  DeadlineBook deadlines_;
  EventQueue queue_;
  Instant end_ = kNever;
  std::uint64_t turns_ = 0;
  Instant woke_at_ = kStart;
  Duration longest_delay_{0};
};

}  // namespace elblab::live
