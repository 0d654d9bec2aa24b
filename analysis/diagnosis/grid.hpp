// The time of a run cut into equal columns, and what was seen in each.
//
// Everything that causes compare - failures, drops, levels - stands on one grid, so that what
// happened together can be told from what happened apart. A sample at t speaks for the time before
// it (docs/measures.md), so column i holds the samples with begin(i) < t <= end(i).
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::diagnosis {

// A value per column.
using Curve = std::vector<double>;

struct Grid {
  std::size_t columns = 1;
  Duration length{};  // of all columns together

  Duration width() const { return length / static_cast<Duration::rep>(columns); }
  double width_seconds() const { return to_seconds(length) / static_cast<double>(columns); }
  Instant begin(std::size_t column) const {
    return kStart + from_seconds(width_seconds() * static_cast<double>(column));
  }
  Instant end(std::size_t column) const { return begin(column + 1); }
  // The column that a moment lies in; the first or last one for what lies outside.
  std::size_t column_of(Instant when) const {
    const double width = width_seconds();
    if (width <= 0 || when <= kStart) return 0;
    return std::min(static_cast<std::size_t>(to_seconds(when) / width), columns - 1);
  }
  // How many columns it takes to cover a time.
  std::size_t covering(Duration time) const {
    const double width = width_seconds();
    if (width <= 0) return columns;
    const double many = to_seconds(time) / width;
    return many >= static_cast<double>(columns) ? columns : static_cast<std::size_t>(many) + 1;
  }
};

inline double total(const Curve& curve) { return std::accumulate(curve.begin(), curve.end(), 0.0); }

inline double peak(const Curve& curve) {
  return curve.empty() ? 0 : *std::max_element(curve.begin(), curve.end());
}

inline void add(Curve& sum, const Curve& more) {
  for (std::size_t i = 0; i < sum.size() && i < more.size(); ++i) sum[i] += more[i];
}

inline double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// Of each column the sum over it, `behind` columns before it and one after it: what went on while
// something that ended there was under way. (One after: a cause and its effect may be sampled on
// either side of an edge.) O(columns).
inline Curve trailing(const Curve& curve, std::size_t behind) {
  Curve before(curve.size() + 1, 0);  // before[i]: the sum of the columns before i
  std::partial_sum(curve.begin(), curve.end(), before.begin() + 1);
  Curve result(curve.size(), 0);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const std::size_t from = i > behind ? i - behind : 0;
    result[i] = before[std::min(i + 2, curve.size())] - before[from];
  }
  return result;
}

}  // namespace elblab::diagnosis
