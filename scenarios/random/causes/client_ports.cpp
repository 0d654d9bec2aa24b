// BW-07, BW-10: more short connections per second than addresses x ports / TIME_WAIT.
#include <fmt/format.h>

#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_client_ports(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::short_connections, LoadKind::users});
  Load& load = lane.load;
  load.server_closes = false;
  const double factor = draw.uniform(1.3, 3);
  const double rate = draw.scale(20, 450);
  ask_for(lane, draw, rate);
  lane.clients.time_wait = draw.chance(0.4) ? 60 : draw.whole(5, 45);
  const double addresses = lane.clients.all_addresses();
  const double ports = rate * lane.clients.time_wait / (factor * addresses);
  if (ports < 60 || ports > 20'000) return false;
  lane.clients.ports = unsigned(ports);
  // All ports are taken after TIME_WAIT / factor; from then on connects are refused.
  const double filled = lane.clients.time_wait / factor;
  load.windows.back().length = rounded(std::max(kShortest, filled * draw.uniform(1.6, 3)));
  if (load.length() > kLongest || rate * load.length() > kMostRequests) return false;
  hidden.resource = "client_ports";
  hidden.failures = rate * (load.length() - filled) * (1 - 1 / factor);
  hidden.how = fmt::format(
      "{} addresses x {} ports, each {:.4g} s in TIME_WAIT: {:.4g} connections/s; at least "
      "{:.4g}/s are asked for",
      addresses, lane.clients.ports, lane.clients.time_wait,
      addresses * lane.clients.ports / lane.clients.time_wait, rate);
  hidden.remedy = {
      {fmt::format("hosts.{}.sysctl.net.ipv4.ip_local_port_range", lane.client_names()),
       "1024 65535"}};
  return true;
}

}  // namespace elblab::random_scenarios
