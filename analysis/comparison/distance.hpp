// How far two recordings of one series are apart.
//
// Real time jitters: a sample is taken a few milliseconds late, and what happens near a sampling
// instant falls to one side of it in one run and to the other side in the next. So nothing is
// charged for being at most `shift` early or late: a's value at t is held against all that b shows
// from t - shift to t + shift, and the other way round; the larger of the two answers counts.
//
// Laws (tests/comparison/distance_test.cpp): symmetric; 0 for equal series; never smaller when one
// of two series that rise once is moved further away in time.
#pragma once

#include <span>

#include "analysis/trace/reader.hpp"

namespace elblab::comparison {

struct Gap {
  double size = 0;             // in the measure's unit; of a gauge the mean over the run
  Instant widest_at = kStart;  // where the two are farthest apart
  double widest_a = 0;         // there: the sums so far of a counter, the levels of a gauge
  double widest_b = 0;
  Instant exceeds_at = kNever;  // the first moment at which they are more than `bound` apart
};

// Points in the order of time. bound: in the measure's unit.
//
// A counter's increments are summed up; the gap is the largest that the two sums show, as between
// two distribution functions (Lévy's distance, with the width in time given and the height asked).
// O(points).
Gap counter_gap(std::span<const trace::Point> a, std::span<const trace::Point> b, Duration shift,
                double bound);
// A gauge's levels: the gap is how far one lies outside what the other shows near by, averaged over
// time, each sample weighted with the time since the sample before. O(points × points per shift).
Gap gauge_gap(std::span<const trace::Point> a, std::span<const trace::Point> b, Duration shift,
              double bound);
// The same of a gauge that is a mean, each sample weighted with how many it is the mean of, so that
// one late answer weighs as one. weights: one for each point.
Gap mean_gap(std::span<const trace::Point> a, std::span<const double> weights_a,
             std::span<const trace::Point> b, std::span<const double> weights_b, Duration shift,
             double bound);

}  // namespace elblab::comparison
