// DIAG-02, HC-16: some servers of the lane are dead from the beginning or from a moment on: nobody
// listens on their port, or their link is down. Nobody checks their health, so they keep their
// share of the connections.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

constexpr double kLeastFailures = 30;

}  // namespace

bool hide_dead_server(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  enum class Death { closed, stopped, gone };
  const auto death = draw.one_of({Death::closed, Death::stopped, Death::gone, Death::gone});
  draw_healthy_load(lane, draw, draw.uniform(12, 45));
  Load& load = lane.load;
  load.patience = draw.uniform(0.8, 8);
  load.retries = draw.one_of({0U, 0U, 0U, 1U});
  // Connections that are kept find a living server at the second or third try.
  if (load.kind == LoadKind::persistent && death != Death::gone) return false;
  Servers& servers = lane.servers;
  const unsigned dead = servers.hosts == 1 ? 1 : draw.whole(1, std::max(1U, servers.hosts / 2));
  const double at = death == Death::closed
                        ? load.begin()
                        : rounded(load.begin() + draw.uniform(0.1, 0.5) * load.length());
  if (death == Death::closed) servers.closed_hosts = dead;
  for (unsigned i = 0; i < dead && death != Death::closed; ++i) {
    draft.faults.push_back({at, death == Death::gone ? "link_down" : "stop_service",
                            fmt::format("{}s{}", lane.name, i + 1), lane.name});
  }
  const double share = double(dead) / servers.hosts;
  const double waited = death == Death::gone ? load.patience : 0;
  const double rate = death == Death::gone ? least_requests(lane) : most_requests(lane);
  hidden.failures = rate * share * (load.end() - at - waited) * (load.retries > 0 ? share : 1);
  if (hidden.failures < kLeastFailures) return false;
  if (most_requests(lane) * load.length() > kMostRequests) return false;
  hidden.how = fmt::format("{} of {} servers {} from {:.4g} s on", dead, servers.hosts,
                           death == Death::gone ? "are gone" : "have a closed port", at);
  if (death == Death::closed) {
    hidden.remedy = {{fmt::format("hosts.{}.service.listening", lane.server_names()), "true"}};
  } else {
    hidden.remedy = {{kTimeline, "~"}};
  }
  return true;
}

}  // namespace elblab::random_scenarios
