// Timers of one constant delay: since time only moves forward, they fall due in the order in which
// they were set, so a queue serves and every operation is O(1). Timers are not cancelled: the
// slot's generation makes them stale, and stale ones are dropped from the front.
#pragma once

#include "models/time/instant.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/slot_pool.hpp"

namespace elblab::workload {

class DelayQueue {
 public:
  explicit DelayQueue(Duration delay) : delay_(delay) {}

  void set(const SlotRef& ref, Instant now) { timers_.push({due_after(now), ref}); }

  // The first instant at which a timer that is not stale falls due; kNever if there is none.
  template <typename T>
  Instant next_deadline(const SlotPool<T>& pool) {
    drop_stale(pool);
    return timers_.empty() ? kNever : timers_.front().due;
  }

  // Takes the next timer that is due and not stale.
  template <typename T>
  bool take_due(const SlotPool<T>& pool, Instant now, std::uint32_t& slot) {
    drop_stale(pool);
    if (timers_.empty() || timers_.front().due > now) return false;
    slot = timers_.front().ref.slot;
    timers_.pop();
    return true;
  }

 private:
  struct Timer {
    Instant due;
    SlotRef ref;
  };

  Instant due_after(Instant now) const { return kNever - now <= delay_ ? kNever : now + delay_; }
  template <typename T>
  void drop_stale(const SlotPool<T>& pool) {
    while (!timers_.empty() && !pool.current(timers_.front().ref)) timers_.pop();
  }

  Duration delay_;
  RingQueue<Timer> timers_;
};

}  // namespace elblab::workload
