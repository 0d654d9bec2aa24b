#include "worlds/objects.hpp"

namespace elblab::worlds {

using trace::ObjectKind;

Objects register_balancer(const config::LoadBalancer& balancer, Recording& recording) {
  Objects objects;
  objects.balancer =
      recording.add_object("balancer", ObjectKind::balancer, balancer.address.to_string());
  if (recording.packets() != nullptr) recording.packets()->set_balancer(objects.balancer);
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    objects.nodes.push_back(recording.add_object("lvs" + std::to_string(i + 1), ObjectKind::node));
  }
  for (const config::BackendGroup& group : balancer.groups) {
    auto& servers = objects.servers.emplace_back();
    for (const config::Server& server : group.servers) {
      servers.push_back(
          recording.add_object(group.name + "/" + server.name, ObjectKind::server,
                               net::Endpoint{server.address, server.port}.to_string()));
    }
  }
  return objects;
}

Objects register_objects(const language::Scenario& scenario, Recording& recording) {
  Objects objects = register_balancer(scenario.balancer, recording);
  for (const language::HostSpec& host : scenario.hosts) {
    const std::string detail = host.addresses.empty() ? "" : host.addresses.front().to_string();
    objects.hosts.push_back(recording.add_object(host.name, ObjectKind::host, detail));
    if (recording.packets() != nullptr) recording.packets()->add_host(host.addresses);
  }
  for (const language::HostSpec& host : scenario.hosts) {
    objects.links.push_back(recording.add_object(host.name, ObjectKind::link));
  }
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    objects.workloads.push_back(
        recording.add_object(workload.parameters.name, ObjectKind::workload));
  }
  return objects;
}

}  // namespace elblab::worlds
