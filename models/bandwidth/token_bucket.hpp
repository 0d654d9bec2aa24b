// A token bucket: what may pass at a sustained rate, with bursts above it.
//
// The bucket holds at most `burst_bytes`, is full at first and gains `bits_per_second` all the
// time; a packet takes its size out of it. So over any interval t the bytes taken are at most
// burst + rate x t. A packet larger than the whole bucket passes when that is full, and leaves a
// debt (so that none is stuck for ever); the bound is then that packet plus rate x t.
//
// Pure, exact arithmetic: the level is kept in units of 1e-9 bit, of which one nanosecond at R
// bit/s brings exactly R. Nothing is rounded, however long the run and however small the steps. All
// operations are O(1). Source: tc-tbf(8), BW-01.
#pragma once

#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::bandwidth {

class TokenBucket {
 public:
  // Above these the level would not fit its 64 bits: larger values are cut to them, 0 bit/s to 1.
  static constexpr std::uint64_t kLargestBurst = 1'000'000'000;     // B
  static constexpr std::uint64_t kLargestRate = 1'000'000'000'000;  // bit/s
  static constexpr std::uint64_t kLargestPacket = 65'535;           // B, of an IP packet

  TokenBucket(std::uint64_t bits_per_second, std::uint64_t burst_bytes, Instant now);

  // Takes the size of a packet out of the bucket if it may pass now. An instant before the last
  // one counts as that.
  bool take(std::uint64_t bytes, Instant now);
  // The earliest instant, not before the last one, at which take(bytes) succeeds if nothing else
  // is taken until then.
  Instant ready_at(std::uint64_t bytes) const;

  // From `now` on. What the bucket holds is kept, as far as it fits.
  void set(std::uint64_t bits_per_second, std::uint64_t burst_bytes, Instant now);

  std::uint64_t bits_per_second() const { return rate_; }

 private:
  void refill(Instant now);
  std::int64_t missing_for(std::uint64_t bytes) const;

  std::uint64_t rate_ = 1;     // bit/s, which is 1e-9 bit per ns
  std::int64_t capacity_ = 0;  // 1e-9 bit
  std::int64_t level_ = 0;     // 1e-9 bit; below 0: a debt
  Instant last_;
};

}  // namespace elblab::bandwidth
