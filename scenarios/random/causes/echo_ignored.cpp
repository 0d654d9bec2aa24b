// DIAG-05, HC-48: some servers ignore echo requests, and are unhealthy although they serve.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_echo_ignored(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (!draw_check(draft, lane, draw, true, 0)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw_some_servers(lane, draw);
  health.known_at_start = draw.chance(0.5);
  health.ignores_echo = true;
  hidden.how = some_servers(lane) + " ignore echo requests";
  hidden.remedy = {{bad_hosts_path(lane, "sysctl"), "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
