#include "scenarios/random/health_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"
#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::random_scenarios {

bool draw_check(Draft& draft, Lane& lane, Draw& draw, bool udp, double spare) {
  HealthDraft& health = lane.health.emplace();
  health.udp = udp;
  health.interval = draw.one_of({2.0, 3.0, 4.0});
  health.timeout = draw.one_of({1.0, 1.0, 2.0});
  health.retries = draw.whole(1, 4);
  draft.proxy_nodes = draw.one_of({0U, 1U, 2U, 2U});
  const double found = (health.retries + 2) * health.interval + health.timeout;
  draw_healthy_load(lane, draw, rounded(found + spare + draw.uniform(4, 20)));
  Load& load = lane.load;
  if (load.is_tcp() == udp) return false;
  // Every server has been probed once before the first request comes.
  load.windows.front().begin =
      rounded(std::max(load.begin(), health.interval + health.timeout + draw.uniform(0.5, 3)));
  load.patience = draw.uniform(1, 4);
  return most_requests(lane) * load.length() <= kMostRequests;
}

unsigned draw_some_servers(const Lane& lane, Draw& draw) {
  const unsigned all = lane.servers.hosts;
  return draw.chance(0.2) ? all : draw.whole(1, std::max(1U, all - 1));
}

bool rules_hold(Draft& draft, Lane& lane, Draw& draw) {
  draft.profile = draw.one_of<const char*>({"shared", "shared-2020"});
  lane.transfer_client_ip = false;
  return true;
}

std::string some_servers(const Lane& lane) {
  return fmt::format("{} of {} servers", lane.health->bad_hosts, lane.servers.hosts);
}

std::string bad_hosts_path(const Lane& lane, const std::string& setting) {
  return fmt::format("hosts.{}.{}", host_names(lane.name + "s", 1, lane.health->bad_hosts),
                     setting);
}

}  // namespace elblab::random_scenarios
