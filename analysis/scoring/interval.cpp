#include "analysis/scoring/interval.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::scoring {

Interval wilson(std::size_t hits, std::size_t runs, double z) {
  if (runs == 0) return {};
  const auto n = static_cast<double>(runs);
  const double share = static_cast<double>(hits) / n;
  const double centre = share + z * z / (2 * n);
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

}  // namespace elblab::scoring
