#include "scenarios/language/object_names.hpp"

#include <algorithm>

namespace elblab::language {
namespace {

std::string prefixed(Balancers balancers, std::size_t balancer, const std::string& name) {
  return balancers.size() == 1 ? name : balancers[balancer].name + "/" + name;
}

std::string short_name(Balancers balancers, const ServerPlace& place) {
  const config::BackendGroup& group = balancers[place.balancer].groups[place.group];
  return group.name + "/" + group.servers[place.server].name;
}

}  // namespace

std::string node_object(Balancers balancers, std::size_t balancer, unsigned node) {
  return prefixed(balancers, balancer, "lvs" + std::to_string(node + 1));
}

std::string proxy_node_object(Balancers balancers, std::size_t balancer, unsigned node) {
  return prefixed(balancers, balancer, "nginx" + std::to_string(node + 1));
}

std::string listener_object(Balancers balancers, std::size_t balancer,
                            const std::string& listener) {
  return prefixed(balancers, balancer, listener);
}

std::vector<std::string> server_hosts(Balancers balancers) {
  std::vector<std::string> hosts;
  for (const config::LoadBalancer& balancer : balancers) {
    for (const config::BackendGroup& group : balancer.groups) {
      for (const config::Server& server : group.servers) {
        if (std::find(hosts.begin(), hosts.end(), server.name) != hosts.end()) continue;
        hosts.push_back(server.name);
      }
    }
  }
  return hosts;
}

std::string group_object(Balancers balancers, std::size_t balancer, const std::string& group) {
  return prefixed(balancers, balancer, group);
}

std::string server_object(Balancers balancers, const ServerPlace& place) {
  return prefixed(balancers, place.balancer, short_name(balancers, place));
}

std::vector<ServerPlace> server_places(Balancers balancers) {
  std::vector<ServerPlace> places;
  for (std::size_t b = 0; b < balancers.size(); ++b) {
    const auto& groups = balancers[b].groups;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (std::size_t s = 0; s < groups[g].servers.size(); ++s) places.push_back({b, g, s});
    }
  }
  return places;
}

std::vector<ServerPlace> find_servers(Balancers balancers, std::string_view name) {
  std::vector<ServerPlace> found;
  for (const ServerPlace& place : server_places(balancers)) {
    if (server_object(balancers, place) == name) return {place};
    if (short_name(balancers, place) == name) found.push_back(place);
  }
  return found;
}

std::optional<std::size_t> find_balancer(Balancers balancers, std::string_view name) {
  const auto at = std::find_if(balancers.begin(), balancers.end(),
                               [&](const config::LoadBalancer& b) { return b.name == name; });
  if (at == balancers.end()) return std::nullopt;
  return static_cast<std::size_t>(at - balancers.begin());
}

}  // namespace elblab::language
