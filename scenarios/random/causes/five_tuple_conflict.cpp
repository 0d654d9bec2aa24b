// FTC-02, FTC-03: clients keep connections open through one listener and make short ones through
// another, of the same balancer or of a second one, and both lead to one port of the same servers.
// Few ports make meetings frequent.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_five_tuple_conflict(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kLeastFailures = 30;
  constexpr double kMostTimeWaits = 0.7;  // of the ports that a client has
  // Servers must see the clients' own ports.
  if (draft.ip_as_backend) return false;
  if (draft.profile != "dedicated") lane.transfer_client_ip = true;
  draw_exchange(lane, draw, {LoadKind::short_connections});
  Load& load = lane.load;
  load.server_closes = false;
  load.hold = 0;
  load.patience = draw.uniform(1, 6);
  load.windows.back().length = draw.uniform(25, 60);
  lane.servers.hosts = draw.whole(1, 3);
  const unsigned addresses = lane.clients.all_addresses();
  const double each = draw.uniform(2, 8);  // connections/s of an address
  load.rate = rounded(each * addresses);
  lane.clients.ports =
      2 * unsigned(each * std::min(60.0, load.length()) / kMostTimeWaits / 2 * draw.uniform(1, 3));
  const double held_of_address = draw.uniform(0.08, 0.25) * lane.clients.ports;
  Rival rival;
  rival.connections = unsigned(held_of_address) * addresses;
  if (rival.connections < 2 * addresses || rival.connections > 400) return false;
  rival.rate = rounded(rival.connections * draw.uniform(0.4, 1));
  rival.other_balancer = draw.chance(0.5);
  lane.rival = rival;
  // Linux gives the ports of one parity first.
  const double met = 2 * held_of_address / lane.clients.ports / lane.servers.hosts;
  hidden.failures = load.rate * load.length() * met;
  if (hidden.failures < kLeastFailures) return false;
  if ((load.rate + rival.rate) * load.length() > kMostRequests) return false;
  hidden.how = fmt::format(
      "{} connections kept open through {}, {:.4g}/s short ones, {} ports of each of {} addresses",
      rival.connections, rival.other_balancer ? "another balancer" : "another listener", load.rate,
      lane.clients.ports, addresses);
  hidden.remedy = {{fmt::format("{}.groups.{}.servers.{}.port",
                                rival.other_balancer ? "balancers.rival" : "balancer",
                                lane.rival_name(), lane.server_names()),
                    "8081"}};
  return true;
}

}  // namespace elblab::random_scenarios
