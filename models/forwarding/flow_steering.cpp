#include "models/forwarding/flow_steering.hpp"

#include "models/net/icmp.hpp"

namespace elblab::forwarding {

FlowSteering::FlowSteering(const config::LoadBalancer& balancer, std::size_t nodes,
                           std::uint64_t hash_seed)
    : virtual_address_(balancer.address),
      virtual_address_v6_(balancer.address_v6),
      nodes_(nodes),
      seed_(hash_seed) {
  for (std::size_t node = 0; node < nodes; ++node) {
    for (const net::IpAddress& address :
         config::source_addresses_of_node(balancer, static_cast<unsigned>(node))) {
      pool_.insert({address, 0}, static_cast<std::uint32_t>(node));
    }
  }
  for (const config::Listener& listener : balancer.listeners) {
    const config::BackendGroup* group = balancer.find_group(listener.group);
    if (group == nullptr || !config::transfers_client_ip(balancer, listener)) continue;
    for (const config::Server& server : group->servers) {
      servers_.insert({server.address, server.port}, 0);
    }
  }
}

FlowSteering::Target FlowSteering::target(const net::PacketView& packet) const {
  if (packet.has_ports()) return target(packet.flow());
  const std::optional<net::FlowKey> quoted = net::quoted_flow(packet);
  const net::FlowKey flow = packet.flow();
  const net::IpAddress& destination = flow.destination.address;
  if (is_virtual(destination)) {
    // An error message goes where the flow it is about goes.
    return {Claim::certain, node_of(quoted ? quoted->destination : flow.source), flow};
  }
  if (const std::uint32_t* node = pool_.find({destination, 0})) {
    return {Claim::certain, *node, flow};
  }
  return quoted ? answer(quoted->reversed()) : Target{Claim::none, 0, flow};
}

FlowSteering::Target FlowSteering::target(const net::FlowKey& flow) const {
  if (is_virtual(flow.destination.address)) {
    return {Claim::certain, node_of(flow.source), flow};
  }
  if (const std::uint32_t* node = pool_.find({flow.destination.address, 0})) {
    return {Claim::certain, *node, flow};
  }
  return answer(flow);
}

FlowSteering::Target FlowSteering::answer(const net::FlowKey& flow) const {
  if (!servers_.contains(flow.source)) return {Claim::none, 0, flow};
  return {Claim::answer, node_of(flow.destination), flow};
}

std::size_t FlowSteering::node_of(const net::Endpoint& client) const {
  return nodes_ == 1 ? 0 : net::hash_of(client, seed_) % nodes_;
}

bool FlowSteering::is_virtual(const net::IpAddress& address) const {
  return address == virtual_address_ || address == virtual_address_v6_;
}

}  // namespace elblab::forwarding
