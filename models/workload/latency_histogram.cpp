#include "models/workload/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace elblab::workload {

std::size_t LatencyHistogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < (1U << kSubBits)) return static_cast<std::size_t>(nanoseconds);
  // `shift` leaves kSubBits + 1 leading bits, the first of which is always one.
  const auto shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - kSubBits - 1;
  const auto leading = static_cast<std::size_t>(nanoseconds >> shift);
  return (std::size_t{shift} << kSubBits) + leading;
}

std::uint64_t LatencyHistogram::upper_edge(std::size_t bucket) {
  if (bucket < (2U << kSubBits)) return bucket;
  const auto shift = static_cast<unsigned>(bucket >> kSubBits) - 1;
  const std::uint64_t leading = (bucket & ((1U << kSubBits) - 1)) + (1U << kSubBits);
  return ((leading + 1) << shift) - 1;
}

void LatencyHistogram::add(Duration latency) {
  const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(latency.count(), 0));
  ++buckets_[bucket_of(ns)];
  ++count_;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
}

Duration LatencyHistogram::quantile(double quantile) const {
  if (count_ == 0) return Duration{0};
  const double share = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_);
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return Duration{static_cast<Duration::rep>(upper_edge(i))};
  }
  return Duration{static_cast<Duration::rep>(upper_edge(kBuckets - 1))};
}

}  // namespace elblab::workload
