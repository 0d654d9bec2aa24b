// SCH-06, SCH-15a, SCH-15c, DIAG-10: no failure at all, but a source IP hash or sticky sessions
// with fewer addresses than servers, or with one address that most connections come from.
#include <fmt/format.h>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {
namespace {

// Enough that shares are no chance.
constexpr double kLeastOfAddresses = 400;

// At least one server gets nothing.
void draw_few_addresses(Lane& lane, Draw& draw, Hidden& hidden) {
  lane.servers.hosts = draw.whole(3, 6);
  lane.clients.addresses = 1;
  lane.clients.hosts = draw.whole(1, lane.servers.hosts - 1);
  hidden.how = fmt::format("{} addresses, {} servers", lane.clients.hosts, lane.servers.hosts);
}

// Its server gets three quarters of all connections or more, and all others together the rest.
void draw_busy_address(Lane& lane, Draw& draw, Hidden& hidden) {
  lane.servers.hosts = draw.whole(2, 6);
  lane.clients.hosts = draw.whole(8, 24);
  lane.clients.addresses = 1;
  Extra extra;
  extra.rate = rounded(lane.load.rate * draw.uniform(3, 5));
  extra.of_first_client = true;
  lane.extra = extra;
  hidden.how = fmt::format("{:.4g} of {:.4g} connections per second come from one address",
                           extra.rate, extra.rate + lane.load.rate);
}

}  // namespace

bool hide_client_addresses(Draft&, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw, {LoadKind::short_connections});
  Load& load = lane.load;
  load.windows.back().length = draw.uniform(10, 40);
  load.rate = rounded(draw.scale(10, 80));
  if (draw.chance(0.5)) {
    draw_few_addresses(lane, draw, hidden);
  } else {
    draw_busy_address(lane, draw, hidden);
  }
  const double rate = load.rate + (lane.extra ? lane.extra->rate : 0);
  const double connections = rate * load.length();
  if (connections < kLeastOfAddresses || connections > kMostRequests) return false;
  const std::string group = "balancer.groups." + lane.name;
  if (draw.chance(0.5)) {
    lane.servers.sticky = true;
    hidden.how += ", sticky sessions";
    hidden.remedy = {{group + ".stickiness", "~"}};
  } else {
    lane.servers.by_source = true;
    hidden.how += ", source hash";
    hidden.remedy = {{group + ".algorithm", "weighted_round_robin"}};
  }
  return true;
}

}  // namespace elblab::random_scenarios
