// BW-05: requests need more CPU time than the servers have.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_server_cpu(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::short_connections, LoadKind::persistent,
                 LoadKind::users, LoadKind::datagrams});
  Load& load = lane.load;
  Servers& servers = lane.servers;
  load.patience = draw.uniform(0.8, 6);
  const double factor = draw.uniform(1.3, 3);
  const double rate = draw.scale(20, 350);
  servers.cpus = draw.one_of({1U, 1U, 2U, 4U, 8U});
  servers.cpu_time = rounded(factor * servers.cpus * servers.hosts / rate);
  servers.exponential = draw.chance(0.5);
  // A request that finds a free CPU is answered in good time.
  if (servers.cpu_time > std::min(0.2, load.patience / 12)) return false;
  ask_for(lane, draw, rate);
  if (load.kind == LoadKind::persistent) {
    load.connections = std::max(load.connections, 3 * servers.cpus * servers.hosts);
  }
  // The n-th waits (factor - 1) times as long as it came after the first.
  const double begin_of_trouble = load.patience / (factor - 1) + load.patience;
  load.windows.back().length =
      rounded(std::max(kShortest, begin_of_trouble * draw.uniform(2, 3.5)));
  if (load.length() > kLongest || rate * load.length() > kMostRequests) return false;
  hidden.resource = "server_cpu";
  hidden.failures = rate * (load.length() - begin_of_trouble);  // and the others are late
  hidden.how = fmt::format(
      "{} servers x {} CPUs / {:.4g} ms = {:.4g} requests/s; at least {:.4g}/s are asked for",
      servers.hosts, servers.cpus, servers.cpu_time * 1e3,
      servers.hosts * servers.cpus / servers.cpu_time, rate);
  hidden.remedy = {{fmt::format("hosts.{}.service.cpu_time", lane.server_names()), "0s"}};
  return true;
}

}  // namespace elblab::random_scenarios
