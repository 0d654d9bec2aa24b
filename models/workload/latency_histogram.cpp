#include "models/workload/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::workload {

using telemetry::LatencyBuckets;

void LatencyHistogram::add(Duration latency) {
  const auto ns = static_cast<std::uint64_t>(std::max<Duration::rep>(latency.count(), 0));
  ++buckets_[LatencyBuckets::bucket_of(ns)];
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
    if (seen >= rank) return Duration{static_cast<Duration::rep>(LatencyBuckets::upper_edge(i))};
  }
  return Duration{static_cast<Duration::rep>(LatencyBuckets::upper_edge(kBuckets - 1))};
}

}  // namespace elblab::workload
