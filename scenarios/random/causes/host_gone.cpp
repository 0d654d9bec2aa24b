// DIAG-04, HC-40: some servers are not there, which their check finds before the first request
// comes.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_host_gone(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  const bool udp = draw.chance(0.4);
  if (!draw_check(draft, lane, draw, udp, 0)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw_some_servers(lane, draw);
  for (unsigned i = 0; i < health.bad_hosts; ++i) {
    draft.faults.push_back({0, "link_down", fmt::format("{}s{}", lane.name, i + 1), lane.name});
  }
  hidden.how = some_servers(lane) + " are cut off";
  hidden.remedy = {{kTimeline, "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
