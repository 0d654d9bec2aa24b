// FTC-14: servers close first, and clients come back from the same few ports before TIME_WAIT is
// over, with SYNs that nothing shows to be newer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_time_wait_refused(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  constexpr double kTimeWait = 60;  // of the servers
  constexpr double kLeastFailures = 30;
  // Servers must see the clients' own ports.
  if (draft.ip_as_backend) return false;
  if (draft.profile != "dedicated") lane.transfer_client_ip = true;
  draw_exchange(lane, draw, {LoadKind::short_connections});
  Load& load = lane.load;
  load.server_closes = true;
  load.hold = 0;
  load.patience = draw.uniform(1.5, 7);
  lane.servers.hosts = draw.whole(1, 3);
  lane.servers.keeps_time_wait = true;
  lane.clients.old_fashioned = true;
  const double each = draw.scale(3, 30);  // connections/s of an address
  load.rate = rounded(each * lane.clients.all_addresses());
  load.windows.back().length = draw.uniform(20, 60);
  const double waiting = each * std::min(kTimeWait, load.length() / 2) / lane.servers.hosts;
  const double met = draw.uniform(0.2, 0.6);  // share of new connections that meet one
  const double ports = std::max(waiting / met, 4 * each * load.patience);
  if (ports < 60 || ports > 20'000) return false;
  lane.clients.ports = unsigned(ports);
  // Of two random sequence numbers each is the higher one as often.
  hidden.failures = 0.3 * waiting / ports * load.rate * (load.length() / 2);
  if (hidden.failures < kLeastFailures || load.rate * load.length() > kMostRequests) return false;
  hidden.how = fmt::format(
      "{} ports of each address, {:.4g} connections/s of it; {} servers keep each {} s in "
      "TIME_WAIT",
      lane.clients.ports, each, lane.servers.hosts, kTimeWait);
  hidden.remedy = {
      {fmt::format("hosts.{}.sysctl.net.ipv4.tcp_timestamps", lane.client_names()), "1"}};
  return true;
}

}  // namespace elblab::random_scenarios
