// Groups get the addresses of their hosts, hosts the services that groups name; then the balancer
// is checked against the catalogue.
#include <fmt/format.h>

#include <algorithm>

#include "models/config/validation.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::language {
namespace {

config::BackendProtocol protocol_for(config::ListenerProtocol listener) {
  switch (listener) {
    case config::ListenerProtocol::tcp:
      return config::BackendProtocol::tcp;
    case config::ListenerProtocol::udp:
      return config::BackendProtocol::udp;
    case config::ListenerProtocol::http:
    case config::ListenerProtocol::https:
      return config::BackendProtocol::http;
    case config::ListenerProtocol::tls:
      return config::BackendProtocol::tls;
  }
  return config::BackendProtocol::tcp;
}

std::vector<std::string> group_names(const Document& document) {
  std::vector<std::string> names;
  for (const GroupEntry& group : document.balancer.groups) names.push_back(group.name);
  return names;
}

void check_listeners(Resolution& r) {
  const std::vector<std::string> names = group_names(r.document);
  for (const config::Listener& listener : r.document.balancer.values.listeners) {
    if (std::find(names.begin(), names.end(), listener.group) != names.end()) continue;
    r.diagnostics.error(r.place({"balancer", "listeners", listener.name, "group"}),
                        fmt::format("there is no group named '{}'", listener.group),
                        did_you_mean(nearest(listener.group, names)));
  }
}

// The protocol of a group follows from the first listener that uses it. A group may be idle in one
// run and used in another.
void complete_group(Resolution& r, GroupEntry& group) {
  const auto& listeners = r.document.balancer.values.listeners;
  const auto user = std::find_if(listeners.begin(), listeners.end(),
                                 [&](const auto& l) { return l.group == group.name; });
  if (group.protocol) return;
  group.protocol =
      user == listeners.end() ? config::BackendProtocol::tcp : protocol_for(user->protocol);
}

void offer_service(Resolution& r, const std::string& host_name, std::uint16_t port, bool udp) {
  const std::size_t index = r.hosts.at(host_name);
  auto& services = r.scenario.hosts[index].services;
  workload::ServerParameters service = *r.document.hosts[index].service;
  service.port = port;
  service.udp = udp;
  const auto key = [](const workload::ServerParameters& s) { return std::pair(s.port, s.udp); };
  const auto at = std::lower_bound(services.begin(), services.end(), service,
                                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  if (at == services.end() || key(*at) != key(service)) services.insert(at, service);
}

bool is_datagram(config::BackendProtocol protocol) {
  return protocol == config::BackendProtocol::udp || protocol == config::BackendProtocol::quic;
}

void add_server(Resolution& r, const GroupEntry& group, const ServerEntry& entry,
                config::BackendGroup& built) {
  const HostEntry* host = r.find_host(entry.name);
  const Place at = r.key_place({"balancer", "groups", group.name, "servers", entry.name});
  if (!host) {
    r.diagnostics.error(at, fmt::format("there is no host named '{}'", entry.name),
                        did_you_mean(r.nearest_host(entry.name, HostRole::server)));
    return;
  }
  if (host->spec.role != HostRole::server) {
    r.diagnostics.error(at,
                        fmt::format("host '{}' is a client; a group needs servers", entry.name));
    return;
  }
  config::Server server;
  server.name = entry.name;
  server.address = host->spec.addresses.front();
  server.port = entry.port;
  server.weight = entry.weight;
  server.by_ip_address = entry.by_ip_address;
  built.servers.push_back(server);
  offer_service(r, entry.name, entry.port, is_datagram(built.protocol));
}

config::BackendGroup build_group(Resolution& r, const GroupEntry& group) {
  config::BackendGroup built;
  built.name = group.name;
  built.protocol = group.protocol.value_or(config::BackendProtocol::tcp);
  built.algorithm = group.algorithm;
  built.health_check = group.health_check;
  built.stickiness = group.stickiness;
  built.deregistration_delay = group.deregistration_delay;
  for (const ServerEntry& server : group.servers) add_server(r, group, server, built);
  return built;
}

std::vector<std::string> path_of(const std::string& field) {
  std::vector<std::string> path{"balancer"};
  for (std::size_t begin = 0; begin <= field.size();) {
    const std::size_t dot = std::min(field.find('.', begin), field.size());
    path.push_back(field.substr(begin, dot - begin));
    begin = dot + 1;
  }
  return path;
}

}  // namespace

void resolve_balancer(Resolution& r) {
  check_listeners(r);
  for (GroupEntry& group : r.document.balancer.groups) complete_group(r, group);
  config::LoadBalancer& balancer = r.scenario.balancer;
  balancer = r.document.balancer.values;
  balancer.profile = config::find_profile(r.document.profile);
  for (const GroupEntry& group : r.document.balancer.groups) {
    balancer.groups.push_back(build_group(r, group));
  }
  if (!r.diagnostics.empty()) return;
  for (const config::Problem& problem : config::validate(balancer)) {
    r.diagnostics.error(r.place(path_of(problem.field)),
                        problem.fact.empty()
                            ? problem.message
                            : fmt::format("{} ({})", problem.message, problem.fact));
  }
}

}  // namespace elblab::language
