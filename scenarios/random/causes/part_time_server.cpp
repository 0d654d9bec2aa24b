// LIFE-24, DIAG-10: no failure at all, but servers that are in service for a part of the load only:
// they join later, or are taken out.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

// Enough that shares are no chance.
constexpr double kLeastWhileAway = 400;

}  // namespace

bool hide_part_time_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  Servers& servers = lane.servers;
  if (servers.hosts < 3) servers.hosts = draw.whole(3, 6);
  draw_healthy_load(lane, draw, draw.uniform(12, 45));
  const Load& load = lane.load;
  // Connections that are kept are there from the beginning on, whoever comes later.
  if (load.kind != LoadKind::short_connections && load.kind != LoadKind::users) return false;
  const double connections = most_requests(lane) * load.length();
  if (connections < kLeastWhileAway || connections > kMostRequests) return false;
  const unsigned away = draw.whole(1, servers.hosts - 2);
  const bool joins = draw.chance(0.5);
  // In service for at most half of the load, the others get twice as much or more.
  const double in_service = draw.uniform(0.1, 0.45);
  const double at = rounded(load.begin() + (joins ? 1 - in_service : in_service) * load.length());
  for (unsigned i = 0; i < away; ++i) {
    const std::string server = fmt::format("{0}/{0}s{1}", lane.name, i + 1);
    if (joins) draft.faults.push_back({0, "disable_server", server});
    draft.faults.push_back({at, joins ? "enable_server" : "disable_server", server});
  }
  std::stable_sort(draft.faults.begin(), draft.faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  hidden.how = fmt::format("{} of {} servers {} at {:.4g} s", away, servers.hosts,
                           joins ? "join" : "are taken out", at);
  hidden.remedy = {{"timeline", "~"}};
  return true;
}

}  // namespace elblab::random_scenarios
