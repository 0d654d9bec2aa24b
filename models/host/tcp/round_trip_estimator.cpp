#include "models/host/tcp/round_trip_estimator.hpp"

#include <algorithm>

namespace elblab::host {

void RoundTripEstimator::sample(Duration round_trip) {
  const auto us = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(round_trip).count(), 1, 120'000'000));
  least_us_ = least_us_ == 0 ? us : std::min(least_us_, us);
  if (smoothed_us_ == 0) {
    smoothed_us_ = us;
    variance_us_ = us / 2;
    return;
  }
  const std::uint32_t error = us > smoothed_us_ ? us - smoothed_us_ : smoothed_us_ - us;
  variance_us_ = static_cast<std::uint32_t>((3 * std::uint64_t{variance_us_} + error) / 4);
  smoothed_us_ = static_cast<std::uint32_t>((7 * std::uint64_t{smoothed_us_} + us) / 8);
  smoothed_us_ = std::max(smoothed_us_, 1U);
}

Duration RoundTripEstimator::timeout() const {
  if (!valid()) return kInitialTimeout;
  const Duration variance = std::chrono::microseconds(4 * std::uint64_t{variance_us_});
  return std::min(smoothed() + std::max(kLeastVariance, variance), kLargestTimeout);
}

Duration RoundTripEstimator::timeout(unsigned backoff) const {
  Duration d = timeout();
  for (unsigned i = 0; i < backoff && d < kLargestTimeout; ++i) d *= 2;
  return std::min(d, kLargestTimeout);
}

}  // namespace elblab::host
