#include "sim/ns3_host.hpp"

#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4.h>
#include <ns3/node-container.h>

namespace elblab::sim {
namespace {

ns3::Ipv4Address to_ns3_ipv4(const net::IpAddress& address) {
  return ns3::Ipv4Address(address.v4_value());
}

// The interface is added by hand: ns-3's address helper would put a queue disc on it.
void install_stack(const ns3::Ptr<ns3::Node>& node, const ns3::Ptr<ns3::NetDevice>& device,
                   const net::IpAddress& address, const net::IpAddress& next_hop,
                   std::int64_t first_stream) {
  ns3::InternetStackHelper stack;
  stack.SetIpv6StackInstall(false);
  const ns3::Ipv4StaticRoutingHelper routing;
  stack.SetRoutingHelper(routing);
  stack.Install(node);
  stack.AssignStreams(ns3::NodeContainer(node), first_stream);
  const auto ipv4 = node->GetObject<ns3::Ipv4>();
  const std::uint32_t interface = ipv4->AddInterface(device);
  ipv4->AddAddress(interface,
                   ns3::Ipv4InterfaceAddress(to_ns3_ipv4(address), ns3::Ipv4Mask::GetOnes()));
  ipv4->SetMetric(interface, 1);
  ipv4->SetUp(interface);
  routing.GetStaticRouting(ipv4)->SetDefaultRoute(to_ns3_ipv4(next_hop), interface);
}

}  // namespace

Ns3Host::Ns3Host(const ns3::Ptr<ns3::Node>& node, const ns3::Ptr<ns3::NetDevice>& device,
                 const net::IpAddress& address, const net::IpAddress& next_hop,
                 std::int64_t first_stream)
    : sockets_(node, address, [this] { applications_.rearm(); }), applications_(*this) {
  install_stack(node, device, address, next_hop, first_stream);
}

Ns3Host::~Ns3Host() = default;

std::optional<std::string> Ns3Host::lacks_sysctl(const host::SysctlEntry&) const {
  return "stack ns3 has no kernel settings";
}

}  // namespace elblab::sim
