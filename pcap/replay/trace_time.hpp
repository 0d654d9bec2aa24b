// From the times of a capture to model time, and back.
//
// Model time counts from the first record, so that timers start at nothing. A capture that begins
// on the first day of 1970 was taken in model time already (elblab writes such ones) and keeps its
// numbers. Model time never goes back: an older record comes at the time of the one before it. A
// record more than a day later than the one before it (a clock that was set, a damaged stamp, two
// captures in one file) comes a day later, so that nothing waits for a century.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::replay {

class TraceTime {
 public:
  static constexpr std::int64_t kDay = Duration(std::chrono::hours(24)).count();

  // Of the next record. What follows, up to the next call, is in its time.
  Instant of(std::int64_t record_ns) {
    if (!begun_) begin(record_ns);
    const std::int64_t latest = last_ns_ + kDay;
    if (record_ns - offset_ns_ > latest) {
      const std::int64_t skipped = record_ns - offset_ns_ - latest;
      offset_ns_ += skipped;
      written_offset_ns_ += skipped;
      ++jumps_;
    }
    last_ns_ = std::max(last_ns_, record_ns - offset_ns_);
    return Instant{Duration{last_ns_}};
  }

  // The next records are those of another pass, its first one `gap` after the last of this.
  void begin_pass(Duration gap) {
    if (begun_) offset_ns_ = first_record_ns_ - (last_ns_ + gap.count());
  }

  // What stands in a capture of the output for a moment of model time: the input's own time in the
  // first pass, and on from there in the others.
  std::int64_t in_capture(Instant at) const {
    return at.time_since_epoch().count() + written_offset_ns_;
  }

  bool begun() const { return begun_; }
  Instant first() const { return first_; }  // of the first record: kStart, or as the capture says
  Instant last() const { return Instant{Duration{last_ns_}}; }
  std::uint64_t jumps() const { return jumps_; }

 private:
  void begin(std::int64_t record_ns) {
    begun_ = true;
    first_record_ns_ = record_ns;
    offset_ns_ = record_ns >= 0 && record_ns < kDay ? 0 : record_ns;
    written_offset_ns_ = offset_ns_;
    last_ns_ = record_ns - offset_ns_;
    first_ = Instant{Duration{last_ns_}};
  }

  bool begun_ = false;
  std::int64_t first_record_ns_ = 0;
  std::int64_t offset_ns_ = 0;          // capture time minus model time, in this pass
  std::int64_t written_offset_ns_ = 0;  // the same for what is written
  std::int64_t last_ns_ = 0;            // model time of the last record
  Instant first_;
  std::uint64_t jumps_ = 0;
};

}  // namespace elblab::replay
