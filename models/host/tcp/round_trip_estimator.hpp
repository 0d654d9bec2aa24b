// Smoothed round-trip time and retransmission timeout after RFC 6298, with Linux's floor: the
// variance term is never below 200 ms (TCP_RTO_MIN), so RTO = SRTT + max(200 ms, 4 RTTVAR).
#pragma once

#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::host {

class RoundTripEstimator {
 public:
  static constexpr Duration kInitialTimeout = std::chrono::seconds(1);  // RFC 6298 §2.1
  static constexpr Duration kLeastVariance = std::chrono::milliseconds(200);
  static constexpr Duration kLargestTimeout = std::chrono::seconds(120);

  void sample(Duration round_trip);

  bool valid() const { return smoothed_us_ != 0; }
  Duration smoothed() const { return std::chrono::microseconds(smoothed_us_); }
  // The least seen on this connection; zero before the first sample.
  Duration least() const { return std::chrono::microseconds(least_us_); }
  Duration timeout() const;
  // Doubled `backoff` times, at most 120 s.
  Duration timeout(unsigned backoff) const;

 private:
  std::uint32_t smoothed_us_ = 0;
  std::uint32_t variance_us_ = 0;
  std::uint32_t least_us_ = 0;
};

}  // namespace elblab::host
