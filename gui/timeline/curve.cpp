#include "gui/timeline/curve.hpp"

#include <algorithm>

namespace elblab::gui {
namespace {

// The first bucket that ends after `at`.
auto bucket_after(const std::vector<trace::Bucket>& buckets, Instant at) {
  return std::partition_point(buckets.begin(), buckets.end(),
                              [&](const trace::Bucket& bucket) { return bucket.to <= at; });
}

}  // namespace

std::optional<double> value_at(const Curve& curve, Instant at) {
  if (curve.data == nullptr) return std::nullopt;
  const auto& buckets = curve.data->buckets;
  auto found = bucket_after(buckets, at);
  if (found != buckets.end() && found->from <= at) return found->mean() * curve.scale;
  if (found == buckets.begin()) return std::nullopt;
  --found;
  if (at - found->to > 2 * curve.sample_interval) return std::nullopt;
  return found->mean() * curve.scale;
}

std::optional<Extent> extent_of(const Curve& curve, TimeRange range) {
  if (curve.data == nullptr) return std::nullopt;
  const auto& buckets = curve.data->buckets;
  std::optional<Extent> extent;
  for (auto it = bucket_after(buckets, range.from); it != buckets.end() && it->from < range.to;
       ++it) {
    const double low = (curve.limit ? it->mean() : it->min) * curve.scale;
    const double high = (curve.limit ? it->mean() : it->max) * curve.scale;
    if (!extent) extent = Extent{low, high};
    extent->low = std::min(extent->low, low);
    extent->high = std::max(extent->high, high);
  }
  return extent;
}

}  // namespace elblab::gui
