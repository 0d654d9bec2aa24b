// DIAG-05, HC-42: some servers take datagrams and answer none, which a UDP check cannot see.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_silent_service(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  if (!draw_check(draft, lane, draw, true, 6)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw.whole(1, std::max(1U, lane.servers.hosts / 2));
  health.known_at_start = draw.chance(0.5);
  health.hangs = true;
  const double each = least_requests(lane) / lane.servers.hosts;
  hidden.failures = each * health.bad_hosts * (lane.load.length() - lane.load.patience);
  if (hidden.failures < kLeastFailures) return false;
  hidden.how = some_servers(lane) + " take datagrams and answer none";
  hidden.remedy = {{bad_hosts_path(lane, "service.time"), "0ms"}};
  return true;
}

}  // namespace elblab::random_scenarios
