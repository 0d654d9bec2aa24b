// BW-08: a program that takes connections off its accept queue more slowly than they come. Either
// the queue is short and overflows, or it is long and users give up in it.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_accept_queue(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::short_connections, LoadKind::users});
  Load& load = lane.load;
  Servers& servers = lane.servers;
  load.patience = draw.uniform(0.8, 8);
  load.retries = draw.one_of({0U, 0U, 1U});
  const double factor = draw.uniform(1.3, 3);
  const double rate = draw.scale(20, 350);
  ask_for(lane, draw, rate);
  const double accepts = rounded(rate / (factor * servers.hosts));
  if (accepts < 3) return false;
  servers.accept_rate = accepts;
  const bool overflows = draw.chance(0.7);
  double begin_of_trouble = 0;  // when the first users fail
  if (overflows) {
    const double most = 0.6 * load.patience * accepts;  // who gets in is answered in time
    if (most < 16) return false;
    servers.backlog = draw.whole(8, std::min(unsigned(most), 512U));
    servers.capped_by_somaxconn = draw.chance(0.4);
    begin_of_trouble = servers.backlog / (accepts * (factor - 1)) + load.patience;
  } else {
    begin_of_trouble = load.patience / (factor - 1) + load.patience;
  }
  load.windows.back().length =
      rounded(std::max(kShortest, begin_of_trouble * draw.uniform(2, 3.5)));
  if (load.length() > kLongest || rate * load.length() > kMostRequests) return false;
  hidden.resource = "accept_queue";
  hidden.failures = rate * (load.length() - begin_of_trouble);  // and the others are late
  hidden.how = fmt::format("{} servers accept {:.4g}/s each, at least {:.4g}/s come to each",
                           servers.hosts, accepts, rate / servers.hosts);
  const std::string service = fmt::format("hosts.{}.service.", lane.server_names());
  hidden.remedy = {{service + "accept_rate", "~"}, {service + "backlog", "4096"}};
  if (servers.capped_by_somaxconn) {
    hidden.remedy.push_back(
        {fmt::format("hosts.{}.sysctl.net.core.somaxconn", lane.server_names()), "4096"});
  }
  return true;
}

}  // namespace elblab::random_scenarios
