// Smoothed round-trip time and retransmission timeout after RFC 6298, as Linux computes them: the
// mean deviation is followed downwards slowly, the variance takes the largest deviation of a round
// trip, and is never below 200 ms (TCP_RTO_MIN), so RTO = SRTT + max(200 ms, …).
//
// What only changes with transfers (the deviations of the present round trip) is in TransferState.
#pragma once

#include <cstdint>

#include "models/host/tcp/transfer_state.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

class RoundTripEstimator {
 public:
  static constexpr Duration kInitialTimeout = std::chrono::seconds(1);   // RFC 6298 §2.1
  static constexpr Duration kFallbackTimeout = std::chrono::seconds(3);  // RFC 6298 §5.7
  static constexpr Duration kLeastVariance = std::chrono::milliseconds(200);
  static constexpr Duration kLargestTimeout = std::chrono::seconds(120);

  // The first sample, of the handshake.
  void begin(Duration round_trip);
  // A handshake gave none, since its segments were sent again: be patient.
  void begin_without_sample() { variance_us_ = 3'000'000; }
  // What begin() implies for the deviations.
  void prepare(TransferState& transfer, std::uint32_t send_next) const;
  // A later one; `acknowledged` and `send_next` tell when a round trip is over.
  void sample(Duration round_trip, TransferState& transfer, std::uint32_t acknowledged,
              std::uint32_t send_next);
  // The least seen: of the segment delivered last, which a sample need not be of.
  void observe_least(Duration round_trip);

  bool valid() const { return smoothed_us8_ != 0; }
  Duration smoothed() const { return std::chrono::microseconds(smoothed_us8_ >> 3); }
  // The least seen on this connection; zero before the first sample.
  Duration least() const { return std::chrono::microseconds(least_us_); }
  Duration timeout() const;
  // Doubled `backoff` times, at most 120 s.
  Duration timeout(unsigned backoff) const;

 private:
  std::uint32_t smoothed_us8_ = 0;  // times 8
  std::uint32_t variance_us_ = 0;
  std::uint32_t least_us_ = 0;
};

// Timers that depend on round trips count in ticks of the kernel's clock (HZ 250), rounded up; a
// round trip is never a whole number of them.
inline constexpr Duration kTick = std::chrono::milliseconds(4);
constexpr Duration whole_ticks(Duration duration) { return (duration / kTick + 1) * kTick; }

}  // namespace elblab::host
