#include "models/bandwidth/token_bucket.hpp"

#include <algorithm>

namespace elblab::bandwidth {
namespace {

constexpr std::int64_t kUnitsPerByte = 8'000'000'000;

std::int64_t units(std::uint64_t bytes) { return static_cast<std::int64_t>(bytes) * kUnitsPerByte; }

// How long `rate` takes to bring this much, rounded up to whole nanoseconds.
std::uint64_t time_for(std::int64_t amount, std::uint64_t rate) {
  return (static_cast<std::uint64_t>(amount) + rate - 1) / rate;
}

}  // namespace

TokenBucket::TokenBucket(std::uint64_t bits_per_second, std::uint64_t burst_bytes, Instant now)
    : last_(now) {
  set(bits_per_second, burst_bytes, now);
  level_ = capacity_;
}

bool TokenBucket::take(std::uint64_t bytes, Instant now) {
  refill(now);
  if (missing_for(bytes) > 0) return false;
  level_ -= units(std::min(bytes, kLargestPacket));
  return true;
}

Instant TokenBucket::ready_at(std::uint64_t bytes) const {
  const std::int64_t missing = missing_for(bytes);
  if (missing <= 0) return last_;
  const std::uint64_t wait = time_for(missing, rate_);
  const auto left = static_cast<std::uint64_t>((kNever - last_).count());
  return wait < left ? last_ + Duration{static_cast<std::int64_t>(wait)} : kNever;
}

void TokenBucket::set(std::uint64_t bits_per_second, std::uint64_t burst_bytes, Instant now) {
  refill(now);
  rate_ = std::clamp<std::uint64_t>(bits_per_second, 1, kLargestRate);
  capacity_ = units(std::min(burst_bytes, kLargestBurst));
  level_ = std::min(level_, capacity_);
}

void TokenBucket::refill(Instant now) {
  if (now <= last_) return;
  const auto passed = static_cast<std::uint64_t>((now - last_).count());
  last_ = now;
  // Asked in this order the product below is less than what is missing: it cannot overflow.
  if (passed >= time_for(capacity_ - level_, rate_)) {
    level_ = capacity_;
  } else {
    level_ += static_cast<std::int64_t>(passed * rate_);
  }
}

std::int64_t TokenBucket::missing_for(std::uint64_t bytes) const {
  return std::min(units(std::min(bytes, kLargestPacket)), capacity_) - level_;
}

}  // namespace elblab::bandwidth
