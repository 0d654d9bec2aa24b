#include "analysis/comparison/distance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace elblab::comparison {
namespace {

using Points = std::span<const trace::Point>;

// Instants at the very end of time stay there.
Instant later(Instant at, Duration by) { return at > kNever - by ? kNever : at + by; }

void note(Gap& gap, double size, Instant at, double a, double b, double bound, double& widest) {
  if (size > bound) gap.exceeds_at = std::min(gap.exceeds_at, at);
  if (size <= widest) return;
  widest = size;
  gap.widest_at = at;
  gap.widest_a = a;
  gap.widest_b = b;
}

Gap exchanged(Gap gap) {
  std::swap(gap.widest_a, gap.widest_b);
  return gap;
}

// Of two answers the larger, with the earliest moment of both.
Gap larger(const Gap& a, const Gap& b) {
  Gap gap = a.size >= b.size ? a : b;
  gap.exceeds_at = std::min(a.exceeds_at, b.exceeds_at);
  return gap;
}

// The most by which a's sum is ahead of all that b reaches within `shift`. b's sum never falls, so
// the answer is found where a's rises.
Gap counter_lead(Points a, Points b, Duration shift, double bound) {
  Gap gap;
  double sum_a = 0;
  double sum_b = 0;
  std::size_t next = 0;
  for (const trace::Point& point : a) {
    sum_a += point.value;
    for (; next < b.size() && b[next].at <= later(point.at, shift); ++next) sum_b += b[next].value;
    note(gap, sum_a - sum_b, point.at, sum_a, sum_b, bound, gap.size);
  }
  return gap;
}

// The level of `near` closest to `value` among those taken within `shift` of `at`; the nearest in
// time where there is none. `first` moves forward from call to call.
double closest_level(Points near, std::size_t& first, Instant at, Duration shift, double value) {
  while (first + 1 < near.size() && later(near[first].at, shift) < at) ++first;
  double low = near[first].value;
  double high = low;
  // The sample before the window is the nearest when the window is empty; else it is outside.
  bool any = later(near[first].at, shift) >= at;
  for (std::size_t i = first; i < near.size() && near[i].at <= later(at, shift); ++i) {
    low = any ? std::min(low, near[i].value) : near[i].value;
    high = any ? std::max(high, near[i].value) : near[i].value;
    any = true;
  }
  return std::clamp(value, low, high);
}

using Weights = std::span<const double>;

// Nanoseconds since the sample before.
std::vector<double> lengths_of(Points points) {
  std::vector<double> lengths;
  lengths.reserve(points.size());
  Instant previous = kStart;
  for (const trace::Point& point : points) {
    lengths.push_back(static_cast<double>((point.at - previous).count()));
    previous = point.at;
  }
  return lengths;
}

// The mean by which a's level lies outside of what b shows within `shift`.
Gap excess(Points a, Weights weights, Points b, Duration shift, double bound) {
  Gap gap;
  double widest = 0;
  long double area = 0;
  long double whole = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const trace::Point& point = a[i];
    const double level = b.empty() ? 0 : closest_level(b, first, point.at, shift, point.value);
    const double size = std::abs(point.value - level);
    area += static_cast<long double>(weights[i]) * static_cast<long double>(size);
    whole += static_cast<long double>(weights[i]);
    note(gap, size, point.at, point.value, level, bound, widest);
  }
  // A single sample at the start of the run speaks for no time.
  gap.size = whole > 0 ? static_cast<double>(area / whole) : widest;
  return gap;
}

}  // namespace

Gap counter_gap(Points a, Points b, Duration shift, double bound) {
  return larger(counter_lead(a, b, shift, bound), exchanged(counter_lead(b, a, shift, bound)));
}

Gap gauge_gap(Points a, Points b, Duration shift, double bound) {
  return mean_gap(a, lengths_of(a), b, lengths_of(b), shift, bound);
}

Gap mean_gap(Points a, Weights weights_a, Points b, Weights weights_b, Duration shift,
             double bound) {
  return larger(excess(a, weights_a, b, shift, bound),
                exchanged(excess(b, weights_b, a, shift, bound)));
}

}  // namespace elblab::comparison
