// DIAG-05, HC-51: the UDP port of some servers is closed, and their own firewall keeps them from
// saying so.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_silent_udp(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  if (!draw_check(draft, lane, draw, true, 12)) return false;
  HealthDraft& health = *lane.health;
  health.bad_hosts = draw.whole(1, std::max(1U, lane.servers.hosts / 2));
  health.known_at_start = true;
  health.closed = true;
  health.rules = HealthDraft::Rules::firewall;
  health.unlimited = true;  // else the limit of ICMP would keep it silent as well
  const double each = least_requests(lane) / lane.servers.hosts;
  hidden.failures = each * health.bad_hosts * (lane.load.length() - lane.load.patience);
  if (hidden.failures < kLeastFailures) return false;
  hidden.how = "the UDP port of " + some_servers(lane) +
               " is closed, and their firewall drops Port Unreachables";
  hidden.remedy = {{bad_hosts_path(lane, "service.listening"), "true"}};
  return true;
}

}  // namespace elblab::random_scenarios
