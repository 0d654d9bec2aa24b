#include "worlds/objects.hpp"

#include <algorithm>

#include "models/config/probe_nodes.hpp"
#include "worlds/health/check_text.hpp"

namespace elblab::worlds {

std::vector<telemetry::ObjectId> BalancerObjects::probing_nodes() const {
  std::vector<telemetry::ObjectId> all = nodes;
  all.insert(all.end(), proxy_nodes.begin(), proxy_nodes.end());
  return all;
}
namespace {

using trace::ObjectKind;

BalancerObjects register_balancer(language::Balancers balancers, std::size_t index,
                                  Recording& recording) {
  const config::LoadBalancer& balancer = balancers[index];
  BalancerObjects objects;
  objects.balancer =
      recording.add_object(balancer.name, ObjectKind::balancer, balancer.address.to_string());
  const std::vector<config::ProbeNode> probing = config::probe_nodes(balancer);
  const bool probes = config::may_check_health(balancer) && probing.size() >= balancer.nodes.lvs;
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    objects.nodes.push_back(recording.add_object(language::node_object(balancers, index, i),
                                                 ObjectKind::node,
                                                 probes ? probe_source_text(probing[i]) : ""));
  }
  for (std::size_t group = 0; group < balancer.groups.size(); ++group) {
    auto& servers = objects.servers.emplace_back();
    for (std::size_t i = 0; i < balancer.groups[group].servers.size(); ++i) {
      const config::Server& server = balancer.groups[group].servers[i];
      servers.push_back(recording.add_object(
          language::server_object(balancers, {index, group, i}), ObjectKind::server,
          net::Endpoint{server.address, server.port}.to_string()));
    }
  }
  return objects;
}

void register_balancers(language::Balancers balancers, Recording& recording, Objects& objects) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    objects.balancers.push_back(register_balancer(balancers, i, recording));
  }
}

void register_places(const std::vector<language::PlaceSpec>& places, Recording& recording,
                     Objects& objects) {
  objects.network = recording.add_object("network", ObjectKind::network);
  if (places.size() < 2) {
    objects.places = {objects.network};
    return;
  }
  for (const language::PlaceSpec& place : places) {
    objects.places.push_back(recording.add_object("network/" + place.name, ObjectKind::network));
  }
}

void register_listeners(language::Balancers balancers, Recording& recording, Objects& objects) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::Listener& listener : balancers[i].listeners) {
      objects.balancers[i].listeners.push_back(
          listener.access
              ? recording.add_object(language::listener_object(balancers, i, listener.name),
                                     ObjectKind::listener)
              : telemetry::ObjectId{0});
    }
  }
}

void register_groups(language::Balancers balancers, Recording& recording, Objects& objects) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::BackendGroup& group : balancers[i].groups) {
      GroupObject of_group;
      of_group.object = recording.add_object(language::group_object(balancers, i, group.name),
                                             ObjectKind::group, to_string(group.algorithm));
      of_group.sticks = config::may_stick(group);
      of_group.by_connection_id = group.algorithm == config::Algorithm::connection_id;
      objects.balancers[i].groups.push_back(of_group);
    }
  }
}

void register_proxy_nodes(language::Balancers balancers, Recording& recording, Objects& objects) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    if (!config::may_check_health(balancers[i])) continue;
    for (const config::ProbeNode& node : config::probe_nodes(balancers[i])) {
      if (node.kind != config::ProbeNode::Kind::nginx) continue;
      objects.balancers[i].proxy_nodes.push_back(
          recording.add_object(language::proxy_node_object(balancers, i, node.index),
                               ObjectKind::node, probe_source_text(node)));
    }
  }
}

// What an operator set, as a diagnosis may know it. Objects of a kind of their own beside the
// groups that have a check when the run begins.
void register_health_checks(language::Balancers balancers, Recording& recording) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::BackendGroup& group : balancers[i].groups) {
      if (!group.health_check) continue;
      recording.add_object(language::group_object(balancers, i, group.name),
                           ObjectKind::health_check, health_check_text(balancers[i], group));
    }
  }
}

// A subnet is a network, of a name of its own.
void register_subnets(const std::vector<language::SubnetSpec>& subnets, Recording& recording,
                      Objects& objects) {
  for (const language::SubnetSpec& subnet : subnets) {
    objects.subnets.push_back(
        subnet.acl ? recording.add_object(subnet.name, ObjectKind::network, subnet.cidr.to_string())
                   : telemetry::ObjectId{0});
  }
}

}  // namespace

Objects register_network(language::Balancers balancers, Recording& recording) {
  Objects objects;
  register_balancers(balancers, recording, objects);
  register_places({}, recording, objects);
  register_listeners(balancers, recording, objects);
  register_groups(balancers, recording, objects);
  register_proxy_nodes(balancers, recording, objects);
  register_health_checks(balancers, recording);
  return objects;
}

void register_filters(const language::Scenario& scenario, Recording& recording, Objects& objects) {
  for (const language::HostSpec& host : scenario.hosts) {
    const bool filtered = host.firewall || !host.security_groups.empty();
    objects.hosts.push_back(filtered ? recording.add_object(host.name, ObjectKind::host)
                                     : telemetry::ObjectId{0});
  }
  register_subnets(scenario.subnets, recording, objects);
}

namespace {

bool has_users(const language::WorkloadSpec& workload) {
  const workload::ClientParameters& p = workload.parameters;
  return p.kind == workload::Kind::short_connections && p.connections > 0 && p.has_sessions;
}

// Of users, or over QUIC.
bool has_sessions(const language::Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const language::WorkloadSpec& workload) {
                       return has_users(workload) ||
                              workload.parameters.kind == workload::Kind::quic;
                     });
}

std::vector<bool> session_servers(const language::Scenario& scenario) {
  std::vector<bool> found(scenario.hosts.size(), false);
  if (!has_sessions(scenario)) return found;
  const std::vector<std::string> servers = language::server_hosts(scenario.balancers);
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i] = std::find(servers.begin(), servers.end(), scenario.hosts[i].name) != servers.end();
  }
  return found;
}

}  // namespace

Objects register_objects(const language::Scenario& scenario, Recording& recording) {
  Objects objects;
  register_balancers(scenario.balancers, recording, objects);
  for (const language::HostSpec& host : scenario.hosts) {
    const std::string detail = host.addresses.empty() ? "" : host.addresses.front().to_string();
    objects.hosts.push_back(recording.add_object(host.name, ObjectKind::host, detail));
    if (recording.packets() != nullptr) recording.packets()->add_host(host.addresses);
  }
  objects.session_servers = session_servers(scenario);
  for (const language::HostSpec& host : scenario.hosts) {
    objects.links.push_back(recording.add_object(host.name, ObjectKind::link));
  }
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    objects.workloads.push_back(
        recording.add_object(workload.parameters.name, ObjectKind::workload));
    objects.user_workloads.push_back(has_users(workload));
  }
  register_places(scenario.places, recording, objects);
  for (const language::PlaceLinkSpec& link : scenario.place_links) {
    objects.place_links.push_back(recording.add_object(link.name, ObjectKind::link));
  }
  for (const language::MiddleboxSpec& box : scenario.middleboxes) {
    objects.middleboxes.push_back(recording.add_object(box.name, ObjectKind::middlebox,
                                                       box.nat.addresses.front().to_string()));
  }
  register_listeners(scenario.balancers, recording, objects);
  register_subnets(scenario.subnets, recording, objects);
  register_groups(scenario.balancers, recording, objects);
  register_proxy_nodes(scenario.balancers, recording, objects);
  register_health_checks(scenario.balancers, recording);
  return objects;
}

}  // namespace elblab::worlds
