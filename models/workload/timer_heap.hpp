// Timers of any delays: taken by when they fall due, those of one instant in the order in which
// they were set, so that equal runs stay equal. A binary heap: O(log n) to set and to take, O(1) to
// look. Timers are not cancelled; whoever takes one asks whether it still means something. Values
// are plain ones. (For one constant delay DelayQueue does the same in O(1).)
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::workload {

template <typename T>
class TimerHeap {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  bool empty() const { return timers_.empty(); }
  std::size_t size() const { return timers_.size(); }
  Instant next_deadline() const { return timers_.empty() ? kNever : timers_.front().due; }
  // Precondition of both: not empty.
  const T& front() const { return timers_.front().value; }
  T take() {
    const T value = timers_.front().value;
    std::pop_heap(timers_.begin(), timers_.end(), later);
    timers_.pop_back();
    return value;
  }

  void set(Instant due, const T& value) {
    timers_.push_back({due, next_order_++, value});
    std::push_heap(timers_.begin(), timers_.end(), later);
  }

 private:
  struct Timer {
    Instant due;
    std::uint64_t order = 0;
    T value{};
  };
  static bool later(const Timer& a, const Timer& b) {
    return a.due != b.due ? a.due > b.due : a.order > b.order;
  }

  std::vector<Timer> timers_;
  std::uint64_t next_order_ = 0;
};

}  // namespace elblab::workload
