#include "live/topology.hpp"

#include <utility>

#include "live/network/host_sysctls.hpp"
#include "live/network/veth_link.hpp"

namespace elblab::live {
namespace {

Failure make_host(const language::HostSpec& spec, const NetworkNamespace& balancer,
                  PacketIoKind kind, HostPlace& place) {
  if (auto failure = NetworkNamespace::make_named(spec.name, place.network)) return failure;
  SysctlReport report;
  if (auto failure = apply_sysctls(place.network, spec.sysctls, report)) return failure;
  place.missing_sysctls = std::move(report.missing);
  VethLinkPlan plan;
  plan.host_device = kHostDevice;
  plan.balancer_device = place.balancer_device;
  for (const net::IpAddress& address : spec.addresses) plan.addresses.push_back({address, 0});
  HardwareAddress hardware{};
  if (auto failure = make_veth_link(place.network, balancer, plan, hardware)) return failure;
  const NamespaceScope scope(balancer);
  if (scope.failure()) return scope.failure();
  return open_packet_io(kind, place.balancer_device, hardware, place.io);
}

}  // namespace

Failure make_topology(const language::Scenario& scenario, PacketIoKind kind, Topology& topology) {
  Topology made;
  if (auto failure = NetworkNamespace::make_named("balancer", made.balancer)) return failure;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    HostPlace place;
    place.balancer_device = "port" + std::to_string(i);
    if (auto failure = make_host(scenario.hosts[i], made.balancer, kind, place)) {
      return "host " + scenario.hosts[i].name + ": " + *failure;
    }
    made.hosts.push_back(std::move(place));
  }
  topology = std::move(made);
  return std::nullopt;
}

}  // namespace elblab::live
