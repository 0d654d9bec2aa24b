#include "scenarios/random/session_drawing.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {

void draw_users_with_sessions(Draft& draft, Lane& lane, Draw& draw, double length) {
  draft.nodes = std::min(draft.nodes, 2U);  // each takes turns of its own
  lane.sessions = Sessions{};
  draw_exchange(lane, draw, {LoadKind::users});
  Load& load = lane.load;
  load.connections = draw.whole(40, 90);
  load.think_time = draw.uniform(1, 4);
  load.slow = 4;
  load.patience = draw.uniform(8, 12);
  load.windows.back().length = length;
  Servers& servers = lane.servers;
  servers.hosts = draw.whole(2, 4);
  servers.cpus = 64;
  servers.exponential = true;
  servers.cpu_time = draw.uniform(0.05, 0.2);
  lane.clients.hosts = draw.whole(1, 3);
  lane.clients.addresses = (load.connections + lane.clients.hosts - 1) / lane.clients.hosts;
}

void draw_front(Lane& lane, Draw& draw) {
  Sessions& sessions = *lane.sessions;
  sessions.has_front = true;
  sessions.front.is_waf = draw.chance(0.4);
  sessions.front.egress = draw.chance(0.5) ? "per_request" : "per_connection";
  sessions.front.addresses = lane.servers.hosts * draw.whole(8, 40);
}

double requests_not_first(const Lane& lane) {
  const Load& load = lane.load;
  // The clients' own way to a front comes on top.
  const double cycle = load.think_time + load.hold + 2 * answer_time(lane);
  return load.connections * std::max(0.0, std::floor(load.length() / cycle) - 1);
}

}  // namespace elblab::random_scenarios
