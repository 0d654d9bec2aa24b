#include "analysis/reports/document.hpp"

#include <fmt/format.h>

namespace elblab::reports {

std::string badge_of(const Finding& finding) {
  if (!finding.explains) return finding.badge;
  return fmt::format("{}, explains {:.0f} % of {}", finding.badge, 100 * *finding.explains,
                     finding.complaint);
}

}  // namespace elblab::reports
