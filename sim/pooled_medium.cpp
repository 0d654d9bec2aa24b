#include "sim/pooled_medium.hpp"

#include <algorithm>

#include "sim/clock.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

using telemetry::Reason;

PooledMedium::PooledMedium(Link& link, const language::Link& parameters)
    : link_(link),
      nanoseconds_per_byte_(8e9 / parameters.rate_bits_per_second),
      delay_(parameters.delay),
      queue_packets_(parameters.queue_packets),
      lanes_{Lane{*this, End::first}, Lane{*this, End::second}} {}

Reason PooledMedium::transmit(End from, std::span<const std::uint8_t> packet) {
  return lanes_[index_of(from)].transmit(packet);
}

// What the lane really holds: the check of conservation compares it with the link's own count.
std::uint64_t PooledMedium::capacity_packets(End from) const {
  return lanes_[index_of(from)].size();
}

PooledMedium::Lane::Lane(PooledMedium& medium, End from)
    : medium_(medium), from_(from), timer_(this, &LazyTimer::call<&Lane::drain>) {}

Reason PooledMedium::Lane::transmit(std::span<const std::uint8_t> packet) {
  if (packet.size() > PacketFifo::kLargestPacket) return Reason::malformed;
  const Instant present = now();
  const Instant start = std::max(present, busy_until_);
  if (start > present && !waits(start, present)) return Reason::link_queue_full;
  const auto duration = static_cast<Duration::rep>(
      static_cast<double>(packet.size()) * medium_.nanoseconds_per_byte_ + 0.5);
  busy_until_ = start + Duration{duration};
  const Instant due = busy_until_ + medium_.delay_;
  in_flight_.push(packet, due);
  timer_.arm(due);
  return Reason::none;
}

// Enters the queue; false when it is full.
bool PooledMedium::Lane::waits(Instant start, Instant present) {
  if (waiting_.empty()) waiting_.resize(std::max<std::size_t>(medium_.queue_packets_, 1));
  while (waiting_count_ > 0 && waiting_[first_waiting_] <= present) {
    first_waiting_ = (first_waiting_ + 1) % waiting_.size();
    --waiting_count_;
  }
  if (waiting_count_ >= medium_.queue_packets_) return false;
  waiting_[(first_waiting_ + waiting_count_) % waiting_.size()] = start;
  ++waiting_count_;
  return true;
}

void PooledMedium::Lane::drain() {
  const Instant present = now();
  while (!in_flight_.empty() && in_flight_.front_due() <= present) {
    medium_.link_.carried(opposite(from_), in_flight_.front());
    in_flight_.pop();
  }
  if (!in_flight_.empty()) timer_.arm(in_flight_.front_due());
}

}  // namespace elblab::sim
