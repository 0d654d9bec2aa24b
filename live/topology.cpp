#include "live/topology.hpp"

#include <utility>

#include "live/network/host_sysctls.hpp"
#include "live/network/veth_link.hpp"

namespace elblab::live {
namespace {

Expected<HostPlace> make_host(const language::HostSpec& spec, const NetworkNamespace& balancer,
                              PacketIoKind kind, const std::string& balancer_device) {
  auto network = NetworkNamespace::make_named(spec.name);
  if (!network) return network.error();
  auto settings = apply_sysctls(*network, spec.sysctls);
  if (!settings) return settings.error();
  VethLinkPlan plan;
  plan.host_device = kHostDevice;
  plan.balancer_device = balancer_device;
  for (const net::IpAddress& address : spec.addresses) plan.addresses.push_back({address, 0});
  const auto hardware = make_veth_link(*network, balancer, plan);
  if (!hardware) return hardware.error();
  const NamespaceScope scope(balancer);
  if (!scope.entered()) return scope.entered().error();
  auto io = open_packet_io(kind, balancer_device, *hardware);
  if (!io) return io.error();
  return HostPlace{std::move(*network), balancer_device, std::move(*io),
                   std::move(settings->missing)};
}

}  // namespace

Expected<Topology> make_topology(const language::Scenario& scenario, PacketIoKind kind) {
  auto balancer = NetworkNamespace::make_named("balancer");
  if (!balancer) return balancer.error();
  Topology topology;
  topology.balancer = std::move(*balancer);
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    const language::HostSpec& spec = scenario.hosts[i];
    auto host = make_host(spec, topology.balancer, kind, "port" + std::to_string(i));
    if (!host) return Error{"host " + spec.name + ": " + host.error().message};
    topology.hosts.push_back(std::move(*host));
  }
  return topology;
}

}  // namespace elblab::live
