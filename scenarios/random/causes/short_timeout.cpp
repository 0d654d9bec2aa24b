// DIAG-05, HC-44: some servers are so far away that their echo replies come after the timeout, or
// about then, so that their health goes back and forth.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_short_timeout(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  if (!draw_check(draft, lane, draw, true, 6)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw_some_servers(lane, draw);
  health.known_at_start = draw.chance(0.3);
  const bool always = draw.chance(0.6);
  health.delay =
      rounded(health.timeout * (always ? draw.uniform(0.6, 1.4) : draw.uniform(0.5, 0.56)));
  if (!always || draw.chance(0.3)) health.jitter = rounded(health.delay * draw.uniform(0.1, 0.2));
  // Users of far servers know that they are far.
  lane.load.slow = rounded(4 * health.delay + 1);
  lane.load.patience = rounded(2 * lane.load.slow);
  hidden.how = fmt::format("{} are {:.4g} s away and back, the timeout is {:.4g} s",
                           some_servers(lane), 2 * health.delay, health.timeout);
  hidden.remedy = {{bad_hosts_path(lane, "link.delay"), "1ms"},
                   {bad_hosts_path(lane, "link.jitter"), "0ms"}};
  return true;
}

}  // namespace elblab::random_scenarios
