// The one loop of a live run: packets of the balancer's ports, events of the hosts' sockets, and
// deadlines of both, in one thread.
//
// Everything gets its turn in portions: a busy port does not keep sockets waiting, nor the other
// way round. A turn sleeps only when nobody has anything to do, to the nanosecond as far as the
// kernel's timers go.
#pragma once

#include <algorithm>
#include <vector>

#include "live/balancer.hpp"
#include "live/event_queue.hpp"
#include "live/kernel_host.hpp"
#include "live/run_clock.hpp"

namespace elblab::live {

class Loop {
 public:
  // All must outlive the loop. hosts: those with sockets of this process; may be empty.
  Loop(const RunClock& clock, Balancer& balancer, std::vector<KernelHost*> hosts);

  [[nodiscard]] Failure open();
  // A turn ends when this descriptor becomes readable.
  [[nodiscard]] Failure end_turns_at(int descriptor);
  // What is due at `end` or later is not run any more, as in a simulation that stops there.
  void end_at(Instant end) { end_ = end; }
  // Waits until `limit` at the latest, then serves whatever is ready or due. True: the descriptor
  // of end_turns_at() is readable.
  bool turn(Instant limit);

  std::uint64_t turns() const { return turns_; }
  // The longest time that something may have waited for its turn: a turn's own length, with what
  // was done between it and the next (what came meanwhile was served late), or the time by which
  // it woke up later than it wanted to.
  Duration longest_delay() const { return longest_delay_; }

 private:
  Instant next_deadline() const;
  bool serve(std::span<const std::uint32_t> ready);
  // What waits in the port's ring, up to a bound. Also after every host: what its sockets did made
  // packets, and a ring overflows sooner than a socket.
  void forward(std::size_t port);
  void advance_due();
  void note_delay(Duration delay) { longest_delay_ = std::max(longest_delay_, delay); }
  // The time up to which deadlines are due.
  Instant due_until() const { return std::min(clock_.now(), end_ - Duration(1)); }

  const RunClock& clock_;
  Balancer& balancer_;
  std::vector<KernelHost*> hosts_;
  EventQueue queue_;
  Instant end_ = kNever;
  std::uint64_t turns_ = 0;
  Instant woke_at_ = kStart;
  Duration longest_delay_{0};
};

}  // namespace elblab::live
