#include "models/forwarding/flow_steering.hpp"

#include <algorithm>

#include "models/net/icmp.hpp"

namespace elblab::forwarding {

FlowSteering::FlowSteering(const config::LoadBalancer& balancer, std::size_t nodes,
                           std::uint64_t hash_seed)
    : virtual_address_(balancer.address),
      virtual_address_v6_(balancer.address_v6),
      steering_(balancer.steering),
      places_(balancer.node_places),
      seed_(hash_seed),
      last_pool_port_(balancer.probe_source == config::ProbeSource::source_pool
                          ? balancer.source_pool.ports.last
                          : std::uint16_t{65535}) {
  places_.resize(nodes, 0);
  for (std::size_t node = 0; node < nodes; ++node) {
    up_.push_back(static_cast<std::uint16_t>(node));
  }
  for (std::size_t node = 0; node < nodes; ++node) {
    for (const net::IpAddress& address :
         config::source_addresses_of_node(balancer, static_cast<unsigned>(node))) {
      pool_.insert({address, 0}, static_cast<std::uint32_t>(node));
      pool_addresses_.push_back(address);
    }
  }
  for (const config::Listener& listener : balancer.listeners) {
    const config::BackendGroup* group = balancer.find_group(listener.group);
    const bool keeps =
        config::transfers_client_ip(balancer, listener) || listener.transfer_switches;
    if (group == nullptr || !keeps) continue;
    for (const config::Server& server : group->servers) {
      for (const std::uint16_t port : config::server_ports(listener, server)) {
        servers_.insert({server.address, port}, 0);
      }
    }
  }
}

// Put together where it stays: a claim that is copied at once waits until all of it is written.
network::Claim FlowSteering::claim(const net::PacketView& packet) const {
  if (!packet.has_ports()) return claim_of_icmp(packet);
  network::Claim claim{Kind::none, false, 0, 0, 0, packet.flow()};
  decide(claim);
  return claim;
}

network::Claim FlowSteering::claim_of_icmp(const net::PacketView& packet) const {
  const std::optional<net::FlowKey> quoted = net::quoted_flow(packet);
  const net::FlowKey flow = packet.flow();
  const net::IpAddress& destination = flow.destination.address;
  if (is_virtual(destination)) {
    // An error message goes where the flow it is about goes.
    return certain(quoted ? node_of(quoted->destination, quoted->source.port)
                          : node_of(flow.source, flow.destination.port),
                   flow);
  }
  if (const std::uint32_t* node = pool_.find(destination, 0)) {
    if (is_of_probe(packet, quoted)) return {Kind::none, false, 0, 0, 0, flow};
    return certain(*node, flow);
  }
  network::Claim about{Kind::none, false, 0, 0, 0, quoted ? quoted->reversed() : flow};
  if (quoted && servers_.contains(about.flow.source)) {
    assign(about, Kind::answer, node_of(about.flow.destination, 0));
  }
  return about;
}

// ICMP to a pool address that probes come from as well: an echo reply, or an error about an echo or
// a datagram of theirs.
bool FlowSteering::is_of_probe(const net::PacketView& packet,
                               const std::optional<net::FlowKey>& quoted) const {
  if (last_pool_port_ == 65535) return false;
  if (quoted) return quoted->source.port > last_pool_port_;
  const auto echo = net::echo_of(packet);
  return (echo && !echo->request) || net::quoted_echo(packet).has_value();
}

network::Claim FlowSteering::claim(const net::FlowKey& flow) const {
  network::Claim claim{Kind::none, false, 0, 0, 0, flow};
  decide(claim);
  return claim;
}

void FlowSteering::decide(network::Claim& claim) const {
  const net::FlowKey& flow = claim.flow;
  if (is_virtual(flow.destination.address)) {
    assign(claim, Kind::certain, node_of(flow.source, flow.destination.port));
  } else if (const std::uint32_t* node = pool_.find(flow.destination.address, 0)) {
    if (flow.destination.port <= last_pool_port_) assign(claim, Kind::certain, *node);
  } else if (servers_.contains(flow.source)) {
    assign(claim, Kind::answer, node_of(flow.destination, 0));
  }
}

std::vector<net::IpAddress> FlowSteering::own_addresses() const {
  std::vector<net::IpAddress> own{virtual_address_};
  if (virtual_address_v6_) own.push_back(*virtual_address_v6_);
  own.insert(own.end(), pool_addresses_.begin(), pool_addresses_.end());
  return own;
}

std::size_t FlowSteering::node_of(const net::Endpoint& client, std::uint16_t virtual_port) const {
  if (up_.size() == 1) return up_.front();
  std::uint64_t hash = net::hash_of(client, seed_);
  if (steering_ == config::Steering::five_tuple) hash = net::mix64(hash, seed_ ^ virtual_port);
  return up_[hash % up_.size()];
}

void FlowSteering::set_up(std::uint16_t place, bool up) {
  std::vector<std::uint16_t> nodes;
  for (std::uint16_t node = 0; node < places_.size(); ++node) {
    const bool was = std::find(up_.begin(), up_.end(), node) != up_.end();
    if (places_[node] == place ? up : was) nodes.push_back(node);
  }
  if (nodes.empty()) return;  // nobody is left to take over
  up_ = std::move(nodes);
}

bool FlowSteering::is_virtual(const net::IpAddress& address) const {
  return address == virtual_address_ || address == virtual_address_v6_;
}

}  // namespace elblab::forwarding
