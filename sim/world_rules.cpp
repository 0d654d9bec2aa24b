#include "sim/world_rules.hpp"

#include <algorithm>

#include "worlds/client_group.hpp"

namespace elblab::sim {
namespace {

using language::HostSpec;
using language::HostStack;
using language::LinkKind;

std::optional<std::string> unsupported_native(const HostSpec& host) {
  const std::string who = "host '" + host.name + "': stack ns3 ";
  if (host.link.kind == LinkKind::pooled) {
    return who + "needs an ns-3 link: kind point_to_point or csma, not pooled";
  }
  if (host.addresses.size() != 1 || !host.addresses.front().is_v4()) {
    return who + "takes one IPv4 address";
  }
  const auto& services = host.services;
  if (std::any_of(services.begin(), services.end(), [](const auto& s) { return s.udp; })) {
    return who + "serves TCP only";
  }
  return std::nullopt;
}

std::optional<std::string> unsupported_source(const language::WorkloadSpec& workload,
                                              const HostSpec& host) {
  const std::string who = "workload '" + workload.parameters.name + "': host '" + host.name + "' ";
  if (worlds::sources_for(host, workload.parameters.destination.address).empty()) {
    return who + "has no address of the destination's family";
  }
  const bool udp = workload.parameters.kind == workload::Kind::datagrams ||
                   workload.parameters.kind == workload::Kind::quic;
  if (host.stack == HostStack::ns3 && udp) {
    return who + "runs stack ns3, which makes TCP connections only";
  }
  return std::nullopt;
}

std::optional<std::string> unsupported_workload(const language::Scenario& scenario,
                                                const language::WorkloadSpec& workload) {
  for (const std::string& name : workload.from) {
    const auto host = std::find_if(scenario.hosts.begin(), scenario.hosts.end(),
                                   [&](const HostSpec& h) { return h.name == name; });
    if (host == scenario.hosts.end()) {
      return "workload '" + workload.parameters.name + "': there is no host '" + name + "'";
    }
    if (auto problem = unsupported_source(workload, *host)) return problem;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unsupported(const language::Scenario& scenario) {
  for (const HostSpec& host : scenario.hosts) {
    if (host.addresses.empty()) return "host '" + host.name + "' has no address";
    if (host.stack != HostStack::ns3) continue;
    if (auto problem = unsupported_native(host)) return problem;
  }
  for (const language::WorkloadSpec& workload : scenario.workloads) {
    if (auto problem = unsupported_workload(scenario, workload)) return problem;
  }
  return std::nullopt;
}

}  // namespace elblab::sim
