// OPEN-13: from a moment on no server of the group is in service: all of them are disabled.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

bool hide_no_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  draw_healthy_load(lane, draw, draw.uniform(10, 45));
  Load& load = lane.load;
  if (load.kind == LoadKind::persistent) return false;  // those there are go on
  load.patience = draw.uniform(0.8, 8);
  const double at = rounded(load.begin() + draw.uniform(0.2, 0.8) * load.length());
  for (unsigned i = 0; i < lane.servers.hosts; ++i) {
    draft.faults.push_back(
        {at, "disable_server", fmt::format("{0}/{0}s{1}", lane.name, i + 1), lane.name});
  }
  hidden.failures = least_requests(lane) * (load.end() - at);
  if (hidden.failures < kLeastFailures) return false;
  if (most_requests(lane) * load.length() > kMostRequests) return false;
  hidden.how = fmt::format("all {} servers are disabled from {:.4g} s on", lane.servers.hosts, at);
  hidden.remedy = {{kTimeline, "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
