#include "models/health/displayed_verdict.hpp"

#include <algorithm>

namespace elblab::health {

Verdict displayed(std::span<const Verdict> of_nodes, Verdict shown) {
  const auto healthy = std::count(of_nodes.begin(), of_nodes.end(), Verdict::healthy);
  const auto unhealthy = std::count(of_nodes.begin(), of_nodes.end(), Verdict::unhealthy);
  if (healthy > unhealthy) return Verdict::healthy;
  if (unhealthy > healthy) return Verdict::unhealthy;
  return healthy == 0 ? Verdict::unknown : shown;
}

}  // namespace elblab::health
