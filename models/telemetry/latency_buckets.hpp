// How response times are put into buckets: one division for the whole house, so that histograms of
// several workloads, intervals and runs add up.
//
// Buckets are exact below 16 ns; above, each power of two has 16 equal ones, so that a bucket is at
// most 1/16 wide of what it holds. Bucket 0 is the shortest.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace elblab::telemetry {

struct LatencyBuckets {
  static constexpr unsigned kSubBits = 4;
  static constexpr std::size_t kCount = (64 - kSubBits) << kSubBits;

  static constexpr std::size_t bucket_of(std::uint64_t nanoseconds) {
    if (nanoseconds < (1U << kSubBits)) return static_cast<std::size_t>(nanoseconds);
    // `shift` leaves kSubBits + 1 leading bits, the first of which is always one.
    const auto shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - kSubBits - 1;
    const auto leading = static_cast<std::size_t>(nanoseconds >> shift);
    return (std::size_t{shift} << kSubBits) + leading;
  }
  // The smallest and the largest value in a bucket, ns.
  static constexpr std::uint64_t lower_edge(std::size_t bucket) {
    return bucket == 0 ? 0 : upper_edge(bucket - 1) + 1;
  }
  static constexpr std::uint64_t upper_edge(std::size_t bucket) {
    if (bucket < (2U << kSubBits)) return bucket;
    const auto shift = static_cast<unsigned>(bucket >> kSubBits) - 1;
    const std::uint64_t leading = (bucket & ((1U << kSubBits) - 1)) + (1U << kSubBits);
    return ((leading + 1) << shift) - 1;
  }
};

}  // namespace elblab::telemetry
