#include "models/forwarding/flow_steering.hpp"

#include <algorithm>

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
      pool_.push_back({address, node});
    }
  }
  std::sort(pool_.begin(), pool_.end(),
            [](const PoolAddress& a, const PoolAddress& b) { return a.address < b.address; });
  for (const config::Listener& listener : balancer.listeners) {
    const config::BackendGroup* group = balancer.find_group(listener.group);
    if (group == nullptr || !config::transfers_client_ip(balancer, listener)) continue;
    for (const config::Server& server : group->servers) {
      servers_.push_back({server.address, server.port});
    }
  }
  std::sort(servers_.begin(), servers_.end());
}

std::optional<FlowSteering::Target> FlowSteering::target(const net::PacketView& packet) const {
  const net::FlowKey flow = packet.flow();
  const std::optional<net::FlowKey> quoted =
      packet.has_ports() ? std::nullopt : net::quoted_flow(packet);
  if (is_virtual(flow.destination.address)) {
    // An error message goes where the flow it is about goes.
    return Target{node_of(quoted ? quoted->destination : flow.source), std::nullopt};
  }
  if (const PoolAddress* pool = find_pool(flow.destination.address)) {
    return Target{pool->node, std::nullopt};
  }
  if (!packet.has_ports() && !quoted) return std::nullopt;
  const net::FlowKey answer = quoted ? quoted->reversed() : flow;
  if (!is_server(answer.source)) return std::nullopt;
  return Target{node_of(answer.destination), answer};
}

std::size_t FlowSteering::node_of(const net::Endpoint& client) const {
  return net::hash_of(client, seed_) % nodes_;
}

bool FlowSteering::is_virtual(const net::IpAddress& address) const {
  return address == virtual_address_ || address == virtual_address_v6_;
}

bool FlowSteering::is_server(const net::Endpoint& endpoint) const {
  return std::binary_search(servers_.begin(), servers_.end(), endpoint);
}

const FlowSteering::PoolAddress* FlowSteering::find_pool(const net::IpAddress& address) const {
  const auto at = std::lower_bound(
      pool_.begin(), pool_.end(), address,
      [](const PoolAddress& pool, const net::IpAddress& wanted) { return pool.address < wanted; });
  return at != pool_.end() && at->address == address ? &*at : nullptr;
}

}  // namespace elblab::forwarding
