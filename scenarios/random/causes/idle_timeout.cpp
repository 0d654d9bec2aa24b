// TO-03: answers take longer to prepare than the listener lets a connection be idle.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_idle_timeout(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  constexpr double kShortestTimeout = 10;                        // TO-04
  if (draft.profile == "shared-2020") draft.profile = "shared";  // TO-02: there it is fixed
  // Datagrams: only there it is for them to set (TO-05).
  const bool datagrams = draft.profile == "dedicated" && draw.chance(0.25);
  if (datagrams) {
    draw_exchange(lane, draw, {LoadKind::datagrams});
  } else {
    draw_exchange(lane, draw,
                  {LoadKind::short_connections, LoadKind::short_connections, LoadKind::persistent,
                   LoadKind::users});
  }
  Load& load = lane.load;
  load.hold = 0;
  const double timeout = draw.whole(unsigned(kShortestTimeout), 16);
  lane.idle_timeout = timeout;
  lane.servers.service_time = rounded(timeout * draw.uniform(1.15, 1.8));
  // Its users know that it takes its time.
  load.patience = rounded(lane.servers.service_time * draw.uniform(1.3, 1.8) + 2);
  load.slow = rounded(lane.servers.service_time * 1.15 + 1);
  const double rate = draw.scale(2, 60);
  ask_for(lane, draw, rate);
  load.windows.back().length = rounded(timeout * draw.uniform(1.8, 3.5));
  if (load.length() > kLongest || rate * load.length() > kMostRequests) return false;
  hidden.failures = rate * (load.length() - timeout);
  if (hidden.failures < kLeastFailures) return false;
  hidden.how = fmt::format("answers take {:.4g} s, connections may be idle for {:.4g} s",
                           lane.servers.service_time, timeout);
  hidden.remedy = {{fmt::format("balancer.listeners.{}.idle_timeout", lane.name), "300s"}};
  return true;
}

}  // namespace elblab::random_scenarios
