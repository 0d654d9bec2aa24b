// DIAG-17: many nodes probe once per second.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_too_many_probes(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (!draw_check(draft, lane, draw, draw.chance(0.4), 0)) return false;
  HealthDraft& health = *lane.health;
  draft.nodes = 4;  // they share the fullNAT addresses evenly (ADR-03)
  draft.proxy_nodes = draw.whole(4, 6);
  health.interval = health.timeout = 1;
  health.known_at_start = true;  // with the remedy's interval a first probe comes late
  hidden.how = fmt::format("{} nodes probe once per second", draft.nodes + draft.proxy_nodes);
  hidden.remedy = {{fmt::format("balancer.groups.{}.health_check.interval", lane.name), "10s"}};
  return true;
}

}  // namespace elblab::random_scenarios
