// Groups get the addresses of their hosts, hosts the services that groups name; then the balancer
// is checked against the catalogue.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/config/probe_nodes.hpp"
#include "models/config/validation.hpp"
#include "scenarios/language/dotted_path.hpp"
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

std::vector<std::string> group_names(const BalancerEntry& balancer) {
  std::vector<std::string> names;
  for (const GroupEntry& group : balancer.groups) names.push_back(group.name);
  return names;
}

void check_listeners(Resolution& r, const BalancerEntry& balancer) {
  const std::vector<std::string> names = group_names(balancer);
  for (const config::Listener& listener : balancer.values.listeners) {
    if (std::find(names.begin(), names.end(), listener.group) != names.end()) continue;
    r.diagnostics.error(
        r.place(r.document.path_of(balancer, {"listeners", listener.name, "group"})),
        fmt::format("there is no group named '{}'", listener.group),
        did_you_mean(nearest(listener.group, names)));
  }
}

// SCH-02.
config::Algorithm algorithm_for(config::BackendProtocol protocol) {
  return protocol == config::BackendProtocol::quic ? config::Algorithm::connection_id
                                                   : config::Algorithm::weighted_round_robin;
}

// The protocol of a group follows from the first listener that uses it, its algorithm from the
// protocol. A group may be idle in one run and used in another.
void complete_group(const BalancerEntry& balancer, GroupEntry& group) {
  const auto& listeners = balancer.values.listeners;
  const auto user = std::find_if(listeners.begin(), listeners.end(),
                                 [&](const auto& l) { return l.group == group.name; });
  if (!group.protocol) {
    group.protocol =
        user == listeners.end() ? config::BackendProtocol::tcp : protocol_for(user->protocol);
  }
  if (!group.algorithm) group.algorithm = algorithm_for(*group.protocol);
}

bool is_datagram(config::BackendProtocol protocol) {
  return protocol == config::BackendProtocol::udp || protocol == config::BackendProtocol::quic;
}

// Its own, and those of ranges that lead to the listening port. (A range that is too large is
// refused later; until then it offers nothing.)
std::set<std::uint16_t> ports_of(const BalancerEntry& balancer, const GroupEntry& group,
                                 const config::Server& server) {
  std::set<std::uint16_t> ports{server.port};
  for (const config::Listener& listener : balancer.values.listeners) {
    if (listener.group != group.name || listener.port.first > listener.port.last ||
        listener.port.size() > config::kMostServerPorts) {
      continue;
    }
    const std::vector<std::uint16_t> of_listener = config::server_ports(listener, server);
    ports.insert(of_listener.begin(), of_listener.end());
  }
  return ports;
}

void add_server(Resolution& r, const BalancerEntry& balancer, const GroupEntry& group,
                const ServerEntry& entry, config::BackendGroup& built) {
  const HostEntry* host = r.find_host(entry.name);
  const auto at = [&] {
    return r.key_place(r.document.path_of(balancer, {"groups", group.name, "servers", entry.name}));
  };
  if (!host) {
    r.diagnostics.error(at(), fmt::format("there is no host named '{}'", entry.name),
                        did_you_mean(r.nearest_host(entry.name, HostRole::server)));
    return;
  }
  if (!host->spec.behind.empty()) {
    r.diagnostics.error(at(), fmt::format("host '{}' stands behind NAT box '{}': no balancer can "
                                          "reach it",
                                          entry.name, host->spec.behind));
    return;
  }
  if (host->relay() != nullptr) {
    r.diagnostics.error(at(), fmt::format("host '{}' is a {}: it answers with what a balancer "
                                          "answers it, and is no server of a group",
                                          entry.name, relay_name(*host)));
    return;
  }
  if (host->spec.role == HostRole::client) {
    r.diagnostics.error(at(),
                        fmt::format("host '{}' is a client; a group needs servers", entry.name));
    return;
  }
  config::Server server;
  server.name = entry.name;
  server.address = host->spec.addresses.front();
  server.port = entry.port;
  server.weight = entry.weight;
  server.by_ip_address = entry.by_ip_address;
  server.place = static_cast<std::uint16_t>(host->spec.place);
  built.servers.push_back(server);
  for (const std::uint16_t port : ports_of(balancer, group, server)) {
    r.offer_service(entry.name, port, is_datagram(built.protocol));
  }
}

config::BackendGroup build_group(Resolution& r, const BalancerEntry& balancer,
                                 const GroupEntry& group) {
  config::BackendGroup built;
  built.name = group.name;
  built.protocol = group.protocol.value_or(config::BackendProtocol::tcp);
  built.algorithm = group.algorithm.value_or(algorithm_for(built.protocol));
  built.source_hash = group.source_hash;
  built.connection_ids = group.connection_ids;
  built.health_check = group.health_check;
  built.no_healthy_server = group.no_healthy_server;
  built.unhealthy_connections = group.unhealthy_connections;
  built.stickiness = group.stickiness;
  built.deregistration_delay = group.deregistration_delay;
  for (const ServerEntry& server : group.servers) {
    add_server(r, balancer, group, server, built);
  }
  return built;
}

// The path of a field that validate() names, "groups.app.servers.b1".
std::vector<std::string> path_of(const Resolution& r, const BalancerEntry& balancer,
                                 const std::string& field) {
  std::vector<std::string> path = r.document.path_of(balancer);
  for (std::string& segment : segments_of(field)) path.push_back(std::move(segment));
  return path;
}

bool is_given(const Resolution& r, const BalancerEntry& balancer, const std::string& field) {
  const Node* node = &r.tree;
  for (const std::string& key : r.document.path_of(balancer, {field})) {
    const Entry* entry = node->find(key);
    if (!entry) return false;
    node = &entry->value;
  }
  return true;
}

bool has_address(const BalancerEntry& balancer, const net::IpAddress& address) {
  return balancer.values.address == address || balancer.values.address_v6 == address;
}

// Addresses not given follow the default, in file order, past those that are given.
void assign_addresses(Resolution& r) {
  const std::span<BalancerEntry> all = r.document.all_balancers();
  std::vector<BalancerEntry*> settled;
  for (BalancerEntry& balancer : all) {
    if (is_given(r, balancer, "address")) settled.push_back(&balancer);
  }
  for (BalancerEntry& balancer : all) {
    if (is_given(r, balancer, "address")) continue;
    const auto taken = [&](const net::IpAddress& address) {
      return std::any_of(settled.begin(), settled.end(),
                         [&](const auto* other) { return has_address(*other, address); });
    };
    while (taken(balancer.values.address)) {
      balancer.values.address = balancer.values.address.plus(1);
    }
    settled.push_back(&balancer);
  }
}

void check_addresses(Resolution& r) {
  const std::span<BalancerEntry> all = r.document.all_balancers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      for (const auto& [field, address] :
           {std::pair("address", std::optional(all[i].values.address)),
            std::pair("address_v6", all[i].values.address_v6)}) {
        if (!address || !has_address(all[earlier], *address)) continue;
        r.diagnostics.error(r.place(r.document.path_of(all[i], {field})),
                            fmt::format("{} is the virtual address of balancer '{}' already",
                                        address->to_string(), all[earlier].name));
      }
    }
  }
}

// Equal shares of the nodes, in the order of the zones.
void place_nodes(Resolution& r, const BalancerEntry& entry, config::LoadBalancer& balancer) {
  std::vector<std::uint16_t> places;
  for (const std::string& name : entry.zones) {
    const auto place = r.find_place(name);
    if (!place || r.scenario.places[*place].kind != PlaceSpec::Kind::zone) {
      std::vector<std::string> names;
      for (const PlaceSpec& each : r.scenario.places) {
        if (each.kind == PlaceSpec::Kind::zone) names.push_back(each.name);
      }
      r.diagnostics.error(r.place(r.document.path_of(entry, {"zones"})),
                          fmt::format("there is no zone named '{}'", name),
                          did_you_mean(nearest(name, names)));
      return;
    }
    places.push_back(static_cast<std::uint16_t>(*place));
  }
  if (places.empty()) return;
  if (balancer.nodes.lvs % places.size() != 0) {
    r.diagnostics.error(r.place(r.document.path_of(entry, {"nodes"})),
                        fmt::format("{} nodes cannot be shared out evenly over {} zones",
                                    balancer.nodes.lvs, places.size()));
    return;
  }
  for (const std::uint16_t place : places) {
    balancer.node_places.insert(balancer.node_places.end(), balancer.nodes.lvs / places.size(),
                                place);
  }
}

config::LoadBalancer build_balancer(Resolution& r, const BalancerEntry& entry) {
  config::LoadBalancer balancer = entry.values;
  balancer.name = entry.name;
  balancer.profile = config::find_profile(entry.profile.value_or(r.document.profile));
  place_nodes(r, entry, balancer);
  for (const GroupEntry& group : entry.groups) {
    balancer.groups.push_back(build_group(r, entry, group));
  }
  return balancer;
}

// Balancers that draw from one block have parts of it that follow each other.
void share_source_blocks(std::vector<config::LoadBalancer>& balancers) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      const bool same = config::effective_source_block(balancers[i]) ==
                        config::effective_source_block(balancers[earlier]);
      if (same) balancers[i].source_pool.skipped += balancers[earlier].source_pool.addresses;
    }
  }
}

// Probes of all of them come from below all fullNAT sources.
void share_probe_blocks(std::vector<config::LoadBalancer>& balancers) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (std::size_t other = 0; other < balancers.size(); ++other) {
      if (config::effective_source_block(balancers[i]) !=
          config::effective_source_block(balancers[other])) {
        continue;
      }
      balancers[i].probes_skipped += balancers[other].source_pool.addresses;
      if (other < i) balancers[i].probes_skipped += config::most_probe_addresses(balancers[other]);
    }
  }
}

void validate(Resolution& r, const BalancerEntry& entry, const config::LoadBalancer& balancer) {
  for (const config::Problem& problem : config::validate(balancer)) {
    r.diagnostics.error(r.place(path_of(r, entry, problem.field)),
                        problem.fact.empty()
                            ? problem.message
                            : fmt::format("{} ({})", problem.message, problem.fact));
  }
}

}  // namespace

void resolve_balancers(Resolution& r) {
  const std::span<BalancerEntry> entries = r.document.all_balancers();
  if (entries.empty()) {
    r.diagnostics.error(r.key_place({"balancers"}), "at least one balancer is needed");
    return;
  }
  assign_addresses(r);
  check_addresses(r);
  std::vector<config::LoadBalancer>& balancers = r.scenario.balancers;
  for (BalancerEntry& entry : entries) {
    check_listeners(r, entry);
    for (GroupEntry& group : entry.groups) complete_group(entry, group);
    balancers.push_back(build_balancer(r, entry));
  }
  if (!r.diagnostics.empty()) return;
  share_source_blocks(balancers);
  share_probe_blocks(balancers);
  for (std::size_t i = 0; i < balancers.size(); ++i) validate(r, entries[i], balancers[i]);
}

}  // namespace elblab::language
