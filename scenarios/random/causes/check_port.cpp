// DIAG-04, HC-07: the check has a port of its own, on which no server listens.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_check_port(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  const bool udp = draw.chance(0.3);
  if (!draw_check(draft, lane, draw, udp, 0)) return false;
  HealthDraft& health = *lane.health;
  health.port = kOtherPort;
  health.known_at_start = draw.chance(0.5);
  hidden.how = fmt::format("the check asks port {}, where nobody listens", kOtherPort);
  hidden.remedy = {{fmt::format("balancer.groups.{}.health_check.port", lane.name), "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
