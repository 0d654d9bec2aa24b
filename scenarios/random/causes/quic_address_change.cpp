// SCH-02, IMB-16: QUIC clients whose address changes while their connections last, behind a
// balancer that does not look at connection IDs: each move is a new flow, for any of the servers.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_quic_address_change(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  draw_exchange(lane, draw, {LoadKind::quic});
  Load& load = lane.load;
  Servers& servers = lane.servers;
  servers.hosts = std::max(servers.hosts, 3U);
  // A hash leads two addresses to one server now and then, and the same ones every time: it takes
  // many of them for that to come out even.
  servers.by_source = draw.chance(0.4);
  lane.clients.hosts = draw.whole(1, 2);
  lane.clients.addresses = servers.by_source ? draw.whole(8, 16) : draw.whole(2, 6);
  load.connections = lane.clients.all_addresses() * draw.whole(2, 4);
  load.address_change = draw.uniform(3, 10);
  load.rate = rounded(load.connections * draw.uniform(1, 3));
  load.windows.back().length = draw.uniform(15, 45);
  if (load.rate * load.length() > kMostRequests) return false;
  const double moves = load.connections * (load.length() / load.address_change - 1);
  hidden.failures = moves * (1 - 1.0 / servers.hosts);
  if (hidden.failures < kLeastFailures) return false;
  hidden.how = fmt::format("{} QUIC connections go on from another address each {:.4g} s, {}",
                           load.connections, load.address_change,
                           servers.by_source ? "source hash" : "weighted round robin");
  hidden.remedy = {{fmt::format("workload.{}.address_change", lane.name), "0s"}};
  return true;
}

}  // namespace elblab::random_scenarios
