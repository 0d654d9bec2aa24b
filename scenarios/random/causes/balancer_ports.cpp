// BW-09, BW-10: fullNAT with fewer source ports than connections at a time.
#include <fmt/format.h>

#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_balancer_ports(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  // A profile whose servers see the balancer's address. In a dedicated one that is only so with
  // IP as a Backend, and then for every lane.
  if (draft.profile == "dedicated") {
    if (draft.lanes.size() > 1) return false;
    draft.ip_as_backend = true;
  } else {
    lane.transfer_client_ip.reset();
  }
  draw_exchange(lane, draw, {LoadKind::short_connections, LoadKind::persistent});
  Load& load = lane.load;
  load.patience = draw.uniform(1.5, 7);
  const double factor = draw.uniform(1.4, 3);
  draft.pool_addresses = draft.nodes * draw.whole(1, 3);
  const double capacity = draw.scale(40, 500);
  draft.pool_ports = unsigned(std::round(capacity / (draft.pool_addresses * lane.servers.hosts)));
  if (draft.pool_ports < 4) return false;
  const double ports = double(draft.pool_addresses) * draft.pool_ports * lane.servers.hosts;
  if (load.kind == LoadKind::persistent) {
    load.connections = unsigned(std::ceil(factor * ports));
    load.rate = draw.uniform(0.1, 0.5) * ports;
    load.rate = rounded(load.rate);
    load.windows.back().length = rounded(std::max(kShortest, load.patience * draw.uniform(2.5, 5)));
    hidden.failures = (load.connections - ports) * load.length() / (load.patience + 1);
  } else {
    load.server_closes = false;  // or there would be no hold
    load.hold = draw.scale(0.2, 4);
    if (draw.chance(0.5)) draft.closed_timeout = draw.whole(1, 6);
    load.rate = rounded(factor * ports / (load.hold + draft.closed_timeout));
    const double begin_of_trouble = load.hold + draft.closed_timeout + load.patience;
    load.windows.back().length =
        rounded(std::max(kShortest, begin_of_trouble * draw.uniform(1.8, 3)));
    hidden.failures = load.rate * (load.length() - begin_of_trouble) * (1 - 1 / factor);
  }
  if (load.length() > kLongest || load.rate * load.length() > kMostRequests) return false;
  hidden.resource = "balancer_ports";
  hidden.how = fmt::format(
      "{} pool addresses x {} ports x {} servers = {:.4g} connections at a time; at least {:.4g} "
      "are wanted",
      draft.pool_addresses, draft.pool_ports, lane.servers.hosts, ports, factor * ports);
  hidden.remedy = {{"balancer.source_pool.ports", "1024-65535"}};
  return true;
}

}  // namespace elblab::random_scenarios
