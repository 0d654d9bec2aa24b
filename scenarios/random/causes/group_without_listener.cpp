// DIAG-04, HC-18: a second group of the lane's servers, to which no listener leads.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_group_without_listener(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (!draw_check(draft, lane, draw, draw.chance(0.4), 0)) return false;
  lane.health->without_listener = true;
  hidden.how = "no listener leads to a second group";
  hidden.remedy = {{fmt::format("balancer.groups.{}z.health_check", lane.name), "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
