// How close the gaps between arrivals are to those of evenly spaced and of Poisson arrivals.
//
// The distance is that of Kolmogorov and Smirnov: the largest difference between the shares of gaps
// below a length, as captured and as expected. Against Poisson it is taken to the exponential
// distribution of the same mean; against even spacing, to the nearest of all distributions that
// lie within a tenth of the mean (clocks and machines jitter). 0: alike, 1: nothing in common.
#pragma once

#include <vector>

#include "models/time/instant.hpp"

namespace elblab::pcap {

struct GapStatistics {
  std::size_t gaps = 0;
  Duration mean{0};
  double distance_even = 1;
  double distance_poisson = 1;
  // Below it a sample of this size is not distinguishable from the distribution (5 % level).
  double critical = 1;
};

// arrivals: in order of time. O(n log n).
GapStatistics gap_statistics(const std::vector<Duration>& arrivals);

}  // namespace elblab::pcap
