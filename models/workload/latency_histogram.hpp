// Response times in buckets of about 6 % width over the whole range of a Duration.
//
// The buckets are those of telemetry::LatencyBuckets. Fixed size, O(1) to add, and histograms of
// several workloads or intervals add up without loss.
#pragma once

#include <array>
#include <cstdint>

#include "models/telemetry/latency_buckets.hpp"
#include "models/time/instant.hpp"

namespace elblab::workload {

class LatencyHistogram {
 public:
  void add(Duration latency);  // negative ones count as 0
  void merge(const LatencyHistogram& other);
  std::uint64_t count() const { return count_; }
  static constexpr std::size_t kBuckets = telemetry::LatencyBuckets::kCount;
  std::uint64_t in_bucket(std::size_t bucket) const { return buckets_[bucket]; }
  // An upper bound, at most 1/16 too high, of the time that the share `quantile` (0..1) of the
  // responses did not exceed. 0 when empty. O(buckets).
  Duration quantile(double quantile) const;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace elblab::workload
