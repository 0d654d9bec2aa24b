#include "models/host/tcp/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace elblab::host {

TimerWheel::TimerWheel(ConnectionSlab& connections)
    : connections_(connections), buckets_(std::make_unique_for_overwrite<Bucket[]>(kBuckets)) {}

void TimerWheel::queue(TcpConnection& connection, Instant deadline, Instant now) {
  if (connection.timer_bucket != kNoIndex) unlink(connection);
  // Never past a tick that is still queued: its bucket would be taken for one turn later.
  next_tick_ = std::max(next_tick_, std::min(floor_tick(now), earliest_tick_));
  const std::int64_t wanted = (deadline.time_since_epoch().count() + kTick_ns - 1) / kTick_ns;
  // Farther than the wheel reaches: it will look again on the way.
  const std::int64_t tick = std::clamp(wanted, next_tick_, next_tick_ + kBuckets - 1);
  const auto index = static_cast<std::uint32_t>(static_cast<std::uint64_t>(tick) % kBuckets);
  Bucket& bucket = buckets_[index];
  connection.timer_bucket = index;
  connection.timer_queued = instant(tick);
  std::uint64_t& occupied = occupied_[index / 64];
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  connection.timer_next = kNoIndex;
  if ((occupied & bit) != 0) {
    connection.timer_previous = bucket.last;
    connections_.at(bucket.last).timer_next = connection.slot;
  } else {
    connection.timer_previous = kNoIndex;
    bucket.first = connection.slot;
    occupied |= bit;
  }
  bucket.last = connection.slot;
  earliest_tick_ = std::min(earliest_tick_, tick);
}

void TimerWheel::unlink(TcpConnection& connection) {
  Bucket& bucket = buckets_[connection.timer_bucket];
  if (connection.timer_previous != kNoIndex) {
    connections_.at(connection.timer_previous).timer_next = connection.timer_next;
  } else {
    bucket.first = connection.timer_next;
  }
  if (connection.timer_next != kNoIndex) {
    connections_.at(connection.timer_next).timer_previous = connection.timer_previous;
  } else {
    bucket.last = connection.timer_previous;
  }
  if (bucket.first == kNoIndex) {
    occupied_[connection.timer_bucket / 64] &=
        ~(std::uint64_t{1} << (connection.timer_bucket % 64));
  }
  connection.timer_bucket = kNoIndex;
  connection.timer_queued = kNever;
}

std::int64_t TimerWheel::first_tick(std::int64_t from) const {
  const std::int64_t start = std::max(from, next_tick_);
  const auto index = static_cast<std::uint32_t>(static_cast<std::uint64_t>(start) % kBuckets);
  for (std::uint32_t step = 0; step <= kBuckets / 64; ++step) {
    const std::uint32_t word = (index / 64 + step) % (kBuckets / 64);
    std::uint64_t bits = occupied_[word];
    if (step == 0) bits &= ~std::uint64_t{0} << (index % 64);
    if (step == kBuckets / 64) bits &= ~(~std::uint64_t{0} << (index % 64));
    if (bits == 0) continue;
    const std::uint32_t bit = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    return start + ((bit - index) % kBuckets);
  }
  return kNoTick;
}

}  // namespace elblab::host
