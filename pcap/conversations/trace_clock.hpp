// Turns the time stamps of records, which jump when a clock is set, into time that only grows.
//
// A record a little older than the one before it (reordering of interfaces) keeps its time. One
// that is more than kSetBack older, or more than kGap later, is a clock that was set or a capture
// that was not taken meanwhile: time goes on from the record before it, and the jump is counted.
#pragma once

#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::pcap {

class TraceClock {
 public:
  static constexpr Duration kSetBack = std::chrono::seconds(1);
  static constexpr Duration kGap = std::chrono::hours(20);

  // Time since the first record.
  Duration take(std::int64_t epoch_ns);
  Duration now() const { return now_; }
  std::int64_t first_ns() const { return first_ns_; }
  std::uint64_t set_back() const { return set_back_; }
  std::uint64_t gaps() const { return gaps_; }
  // Set back, or skipped, so far: what was measured across a change says nothing.
  std::uint64_t jumps() const { return set_back_ + gaps_; }

 private:
  bool started_ = false;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::int64_t offset_ns_ = 0;  // added to a time stamp to make it one of this clock
  Duration now_{0};
  std::uint64_t set_back_ = 0;
  std::uint64_t gaps_ = 0;
};

}  // namespace elblab::pcap
