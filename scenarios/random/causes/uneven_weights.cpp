// SCH-03, IMB-07: no failure at all, but servers that get very different shares, as their weights
// say.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {
namespace {

// Enough that shares are no chance.
constexpr double kLeastConnections = 400;

}  // namespace

bool hide_uneven_weights(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  Servers& servers = lane.servers;
  if (servers.hosts < 2) servers.hosts = draw.whole(2, 6);
  draw_healthy_load(lane, draw, draw.uniform(10, 40));
  Load& load = lane.load;
  const bool persistent = load.kind == LoadKind::persistent;
  if (persistent) load.connections = draw.whole(unsigned(kLeastConnections), 900);
  const double connections = persistent ? load.connections
                             : load.kind == LoadKind::users
                                 ? load.connections / (load.think_time + 1) * load.length()
                                 : load.rate * load.length();
  if (connections < kLeastConnections || load.rate * load.length() > kMostRequests) return false;
  for (unsigned i = 0; i < servers.hosts; ++i) servers.weights.push_back(draw.whole(1, 12));
  const auto [least, most] = std::minmax_element(servers.weights.begin(), servers.weights.end());
  if (*most < 2 * *least) return false;
  hidden.how = fmt::format("weights {}", fmt::join(servers.weights, ", "));
  for (unsigned i = 0; i < servers.hosts; ++i) {
    hidden.remedy.push_back(
        {fmt::format("balancer.groups.{0}.servers.{0}s{1}.weight", lane.name, i + 1), "5"});
  }
  return true;
}

}  // namespace elblab::random_scenarios
