// Connection timers: a wheel of 1 ms ticks with links inside the connection records.
//
// A connection is in at most one bucket. arm() to an earlier instant moves it there; arm() to a
// later one, and disarming, only change the record: the wheel meets the connection at the old
// instant, and asks the record then. So a short connection costs a few list operations in its
// life. Deadlines are rounded up to the tick, as Linux rounds to its jiffies.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/host/tcp/connection_slab.hpp"

namespace elblab::host {

class TimerWheel {
 public:
  explicit TimerWheel(ConnectionSlab& connections);

  // The wheel will hand the connection out at `deadline` or earlier, not before `now`.
  void arm(TcpConnection& connection, Instant deadline, Instant now) {
    if (deadline < connection.timer_queued) queue(connection, deadline, now);
  }
  void remove(TcpConnection& connection) {
    if (connection.timer_bucket != kNoIndex) unlink(connection);
  }
  // May be early, never late. O(1).
  Instant next_deadline() const {
    return earliest_tick_ == kNoTick ? kNever : instant(earliest_tick_);
  }
  // Takes every connection due at `now` out of the wheel and calls expired(connection), in the
  // order in which they were queued per tick. The callee arms it again as it needs.
  template <typename Expired>
  void advance(Instant now, Expired&& expired);

 private:
  static constexpr std::int64_t kTick_ns = 1'000'000;
  static constexpr std::uint32_t kBuckets = 4096;
  static constexpr std::int64_t kNoTick = INT64_MAX;
  // Means something only while its bit in occupied_ is set: buckets that were never used are never
  // written.
  struct Bucket {
    std::uint32_t first;
    std::uint32_t last;
  };

  static Instant instant(std::int64_t tick) { return Instant{Duration{tick * kTick_ns}}; }
  static std::int64_t floor_tick(Instant t) { return t.time_since_epoch().count() / kTick_ns; }
  void queue(TcpConnection& connection, Instant deadline, Instant now);
  void unlink(TcpConnection& connection);
  // The first tick from `from` on with a queued connection, kNoTick if there is none.
  std::int64_t first_tick(std::int64_t from) const;

  ConnectionSlab& connections_;
  std::unique_ptr<Bucket[]> buckets_;
  std::array<std::uint64_t, kBuckets / 64> occupied_{};
  std::int64_t next_tick_ = 0;  // ticks before it are done
  std::int64_t earliest_tick_ = kNoTick;
  std::vector<std::uint32_t> due_;
};

template <typename Expired>
void TimerWheel::advance(Instant now, Expired&& expired) {
  const std::int64_t now_tick = floor_tick(now);
  while (earliest_tick_ <= now_tick) {
    const std::int64_t tick = first_tick(earliest_tick_);
    if (tick > now_tick) {
      earliest_tick_ = tick;
      break;
    }
    next_tick_ = tick;
    Bucket& bucket = buckets_[static_cast<std::size_t>(tick) % kBuckets];
    due_.clear();
    while (bucket.first != kNoIndex) {
      TcpConnection& connection = connections_.at(bucket.first);
      due_.push_back(connection.slot);
      unlink(connection);
      connection.timer_bucket = kNoIndex;
    }
    next_tick_ = tick + 1;
    earliest_tick_ = first_tick(tick + 1);
    for (std::size_t i = 0; i < due_.size(); ++i) {
      TcpConnection& connection = connections_.at(due_[i]);
      if (connection.state != TcpState::closed && connection.timer_bucket == kNoIndex) {
        expired(connection);
      }
    }
  }
  if (next_tick_ <= now_tick) next_tick_ = now_tick + 1;
}

}  // namespace elblab::host
