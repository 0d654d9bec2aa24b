// HC-26, HC-S24: some servers do not listen on the port of their group, but on the one that the
// check asks.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/health_drawing.hpp"
#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_service_port(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  if (!draw_check(draft, lane, draw, false, 0)) return false;
  HealthDraft& health = *lane.health;
  if (lane.load.kind == LoadKind::persistent) return false;  // finds another server at the next try
  health.bad_hosts = lane.servers.hosts;
  health.port = kOtherPort;
  health.known_at_start = draw.chance(0.5);
  health.other_port = true;
  hidden.failures = least_requests(lane) * lane.load.length();
  if (hidden.failures < kLeastFailures) return false;
  hidden.how = fmt::format("the servers listen on port {} alone, which the check asks", kOtherPort);
  hidden.remedy = {
      {bad_hosts_path(lane, "service.ports"), fmt::format("[{}, {}]", kServerPort, kOtherPort)}};
  return true;
}

}  // namespace elblab::random_scenarios
