#include "analysis/reports/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"

namespace elblab::reports {

std::string badge_of(const Finding& finding) {
  if (!finding.explains) return finding.badge;
  return fmt::format("{}, explains {:.0f} % of {}", finding.badge, 100 * *finding.explains,
                     finding.complaint);
}

std::size_t heat_level(const HeatMap& map, double value, std::size_t levels) {
  if (map.high <= map.low || levels < 2) return 0;
  const double share = std::clamp((value - map.low) / (map.high - map.low), 0.0, 1.0);
  return std::min(levels - 1, static_cast<std::size_t>(share * static_cast<double>(levels)));
}

std::string text_of(const HeatMap::Cell& cell) {
  if (!cell.was_run) return "·";
  if (!cell.value) return "–";
  constexpr double kNoDecimals = 100;
  const bool large = std::abs(*cell.value) >= kNoDecimals;
  return expectations::number_text(large ? std::round(*cell.value) : *cell.value);
}

}  // namespace elblab::reports
