// One direction of a bandwidth limit: a token bucket, and a queue for what does not pass at once.
//
// offer() says what becomes of a packet: it passes now, it waits (a copy is kept), or it is dropped
// because the queue has no room for it (tail drop, by bytes). Order is kept: while packets wait,
// none passes them. The owner calls take() at next_deadline() until it gives nothing more.
// Every packet offered ends as passed, waiting or dropped, exactly once.
//
// Sizes are those of IP packets, in bytes. Memory: queue_bytes and a record per packet that waits,
// allocated as it comes. All operations are O(1) plus the copy of a packet that waits.
// Source: tc-tbf(8), BW-01, BW-06.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "models/bandwidth/token_bucket.hpp"

namespace elblab::bandwidth {

struct Limit {
  std::uint64_t bits_per_second = 0;
  std::uint64_t burst_bytes = 0;
  std::uint64_t queue_bytes = 0;  // 0: nothing waits
};

enum class Verdict : std::uint8_t { passed, waits, dropped };

struct LimiterCounters {
  std::uint64_t packets_passed = 0;
  std::uint64_t bytes_passed = 0;
  std::uint64_t packets_dropped = 0;
  std::uint64_t packets_waiting = 0;
  std::uint64_t bytes_waiting = 0;
};

class BandwidthLimiter {
 public:
  // A packet whose turn has come. `tag` is what the owner gave with it; the bytes are the owner's
  // until its next call of take().
  struct Packet {
    std::span<std::uint8_t> bytes;
    std::uint64_t tag = 0;
  };

  BandwidthLimiter(const Limit& limit, Instant now);

  Verdict offer(std::span<const std::uint8_t> packet, std::uint64_t tag, Instant now);
  // When the first packet that waits may pass; kNever when none waits.
  Instant next_deadline() const { return next_; }
  // The next packet that may pass by now, in the order they came.
  std::optional<Packet> take(Instant now);

  // From `now` on; next_deadline() may come earlier. What waits stays, though the queue be smaller.
  void set(const Limit& limit, Instant now);

  const LimiterCounters& counters() const { return counters_; }
  std::uint64_t bits_per_second() const { return bucket_.bits_per_second(); }

 private:
  struct Waiting {
    std::vector<std::uint8_t> bytes;
    std::uint64_t tag = 0;
  };

  void passed(std::size_t bytes);
  void keep(std::span<const std::uint8_t> packet, std::uint64_t tag);
  void find_next();

  TokenBucket bucket_;
  std::uint64_t queue_bytes_;
  std::deque<Waiting> queue_;
  std::vector<std::uint8_t> taken_;  // of the last take()
  Instant next_ = kNever;
  LimiterCounters counters_;
};

}  // namespace elblab::bandwidth
