#include "models/bandwidth/bandwidth_limiter.hpp"

#include <utility>

namespace elblab::bandwidth {

BandwidthLimiter::BandwidthLimiter(const Limit& limit, Instant now)
    : bucket_(limit.bits_per_second, limit.burst_bytes, now), queue_bytes_(limit.queue_bytes) {}

Verdict BandwidthLimiter::offer(std::span<const std::uint8_t> packet, std::uint64_t tag,
                                Instant now) {
  if (queue_.empty() && bucket_.take(packet.size(), now)) {
    passed(packet.size());
    return Verdict::passed;
  }
  if (counters_.bytes_waiting + packet.size() > queue_bytes_) {
    ++counters_.packets_dropped;
    return Verdict::dropped;
  }
  keep(packet, tag);
  return Verdict::waits;
}

std::optional<BandwidthLimiter::Packet> BandwidthLimiter::take(Instant now) {
  if (queue_.empty() || !bucket_.take(queue_.front().bytes.size(), now)) return std::nullopt;
  taken_ = std::move(queue_.front().bytes);
  const std::uint64_t tag = queue_.front().tag;
  queue_.pop_front();
  --counters_.packets_waiting;
  counters_.bytes_waiting -= taken_.size();
  passed(taken_.size());
  find_next();
  return Packet{taken_, tag};
}

void BandwidthLimiter::set(const Limit& limit, Instant now) {
  bucket_.set(limit.bits_per_second, limit.burst_bytes, now);
  queue_bytes_ = limit.queue_bytes;
  find_next();
}

void BandwidthLimiter::passed(std::size_t bytes) {
  ++counters_.packets_passed;
  counters_.bytes_passed += bytes;
}

void BandwidthLimiter::keep(std::span<const std::uint8_t> packet, std::uint64_t tag) {
  queue_.push_back({{packet.begin(), packet.end()}, tag});
  ++counters_.packets_waiting;
  counters_.bytes_waiting += packet.size();
  if (queue_.size() == 1) find_next();
}

void BandwidthLimiter::find_next() {
  next_ = queue_.empty() ? kNever : bucket_.ready_at(queue_.front().bytes.size());
}

}  // namespace elblab::bandwidth
