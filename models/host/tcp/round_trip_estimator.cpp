#include "models/host/tcp/round_trip_estimator.hpp"

#include <algorithm>

#include "models/host/tcp/sequence.hpp"

namespace elblab::host {
namespace {

constexpr std::uint32_t kLeastVariance_us = 200'000;

std::uint32_t microseconds(Duration duration) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(duration).count(), 1, 120'000'000));
}

}  // namespace

void RoundTripEstimator::observe_least(Duration round_trip) {
  const std::uint32_t us = microseconds(round_trip);
  least_us_ = least_us_ == 0 ? us : std::min(least_us_, us);
}

void RoundTripEstimator::begin(Duration round_trip) {
  const std::uint32_t us = microseconds(round_trip);
  observe_least(round_trip);
  smoothed_us8_ = us * 8;
  variance_us_ = std::max(2 * us, kLeastVariance_us);
}

void RoundTripEstimator::prepare(TransferState& transfer, std::uint32_t send_next) const {
  transfer.deviation_us = valid() ? (smoothed_us8_ >> 3) * 2 : variance_us_;
  transfer.largest_deviation_us = variance_us_;
  transfer.round_end = send_next;
}

void RoundTripEstimator::sample(Duration round_trip, TransferState& transfer,
                                std::uint32_t acknowledged, std::uint32_t send_next) {
  if (!valid()) {
    begin(round_trip);
    prepare(transfer, send_next);
    return;
  }
  std::int64_t error =
      std::int64_t{microseconds(round_trip)} - static_cast<std::int64_t>(smoothed_us8_ >> 3);
  smoothed_us8_ = static_cast<std::uint32_t>(
      std::max<std::int64_t>(1, static_cast<std::int64_t>(smoothed_us8_) + error));
  const auto quarter = static_cast<std::int64_t>(transfer.deviation_us >> 2);
  if (error < 0) {
    // A shorter round trip lowers the deviation as usual, and raises it by an eighth only.
    error = -error - quarter;
    if (error > 0) error >>= 3;
  } else {
    error -= quarter;
  }
  transfer.deviation_us =
      static_cast<std::uint32_t>(static_cast<std::int64_t>(transfer.deviation_us) + error);
  if (transfer.deviation_us > transfer.largest_deviation_us) {
    transfer.largest_deviation_us = transfer.deviation_us;
    variance_us_ = std::max(variance_us_, transfer.largest_deviation_us);
  }
  if (after(acknowledged, transfer.round_end)) {
    if (transfer.largest_deviation_us < variance_us_) {
      variance_us_ -= (variance_us_ - transfer.largest_deviation_us) >> 2;
    }
    transfer.round_end = send_next;
    transfer.largest_deviation_us = kLeastVariance_us;
  }
}

Duration RoundTripEstimator::timeout() const {
  if (!valid()) return variance_us_ == 0 ? kInitialTimeout : kFallbackTimeout;
  return std::min<Duration>(smoothed() + std::chrono::microseconds(variance_us_), kLargestTimeout);
}

Duration RoundTripEstimator::timeout(unsigned backoff) const {
  Duration d = timeout();
  for (unsigned i = 0; i < backoff && d < kLargestTimeout; ++i) d *= 2;
  return std::min(d, kLargestTimeout);
}

}  // namespace elblab::host
