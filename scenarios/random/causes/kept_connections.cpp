// SCH-15d, DIAG-10: no failure at all, but connections that are kept, of which a few carry most of
// the requests.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

constexpr double kMostBusy = 0.5;  // of its time that a connection has a request under way

}  // namespace

bool hide_kept_connections(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  Servers& servers = lane.servers;
  servers.hosts = draw.whole(2, 6);
  lane.clients.addresses = 1;
  draw_exchange(lane, draw, {LoadKind::persistent});
  Load& load = lane.load;
  load.windows.back().length = draw.uniform(10, 40);
  load.connections = servers.hosts * draw.whole(6, 20);
  load.rate = rounded(load.connections * draw.scale(0.2, 1));
  // Fewer than servers, so that one has none of them. Each carries as much as all the others that a
  // server has, three times over: a server with one of them answers four times what one without
  // does, on a connection more.
  Extra extra;
  extra.kind = LoadKind::persistent;
  extra.connections = draw.whole(1, servers.hosts - 1);
  const double each = load.rate / servers.hosts * draw.uniform(3, 6);
  // One request at a time.
  if (each * answer_time(lane) > kMostBusy) return false;
  extra.rate = rounded(extra.connections * each);
  extra.of_first_client = true;
  lane.extra = extra;
  const double requests = (load.rate + extra.rate) * load.length();
  if (requests < 400 || requests > kMostRequests) return false;
  hidden.how = fmt::format("{} of {} connections carry {:.4g} of {:.4g} requests per second",
                           extra.connections, extra.connections + load.connections, extra.rate,
                           extra.rate + load.rate);
  const std::string workload = "workload." + lane.extra_name();
  hidden.remedy = {{workload + ".persistent", "~"},
                   {workload + ".requests", "~"},
                   {workload + ".short_connections", fmt::format("{:.6f}/s", extra.rate)}};
  return true;
}

}  // namespace elblab::random_scenarios
