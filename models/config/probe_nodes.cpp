#include "models/config/probe_nodes.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace elblab::config {
namespace {

// In the order of the zones, which have equal shares of the LVS nodes.
std::vector<std::uint16_t> places_of(const LoadBalancer& balancer) {
  std::vector<std::uint16_t> places = balancer.node_places;
  places.erase(std::unique(places.begin(), places.end()), places.end());
  if (places.empty()) places.push_back(0);
  return places;
}

std::vector<ProbeNode> nodes_of(const LoadBalancer& balancer) {
  std::vector<ProbeNode> nodes;
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    ProbeNode node;
    node.index = i;
    if (i < balancer.node_places.size()) node.place = balancer.node_places[i];
    nodes.push_back(node);
  }
  const std::vector<std::uint16_t> places = places_of(balancer);
  for (unsigned i = 0; i < balancer.nodes.nginx; ++i) {
    ProbeNode node;
    node.kind = ProbeNode::Kind::nginx;
    node.index = i;
    node.place = places[i * places.size() / balancer.nodes.nginx];
    nodes.push_back(node);
  }
  return nodes;
}

// Counted down from the upper end of the block, past the fullNAT sources.
std::optional<net::IpAddress> probe_address(const LoadBalancer& balancer, std::uint64_t number) {
  const net::Subnet block = effective_source_block(balancer);
  if (block.base().is_unspecified() || block.size() < 4) return std::nullopt;
  const SourcePool& pool = balancer.source_pool;
  const std::uint64_t past = std::max(pool.skipped + pool.addresses, balancer.probes_skipped);
  if (past + number + 3 >= block.size()) return std::nullopt;
  return block.base().plus(block.size() - 2 - past - number);
}

// Nodes of one address have parts of its ports.
void share_ports(std::vector<ProbeNode>& nodes) {
  for (ProbeNode& node : nodes) {
    node.shares = 0;
    for (const ProbeNode& other : nodes) {
      if (other.address != node.address) continue;
      if (&other < &node) ++node.share;
      ++node.shares;
    }
  }
}

}  // namespace

bool may_check_health(const BackendGroup& group) {
  return group.health_check.has_value() || group.health_check_switches;
}

bool may_check_health(const LoadBalancer& balancer) {
  return std::any_of(balancer.groups.begin(), balancer.groups.end(),
                     [](const BackendGroup& group) { return may_check_health(group); });
}

PortRange probe_ports(const SourcePool& pool) {
  return {static_cast<std::uint16_t>(pool.ports.last + 1), 65535};
}

unsigned most_probe_addresses(const LoadBalancer& balancer) {
  return balancer.nodes.lvs + balancer.nodes.nginx;
}

std::vector<ProbeNode> probe_nodes(const LoadBalancer& balancer) {
  std::vector<ProbeNode> nodes = nodes_of(balancer);
  std::map<std::uint16_t, net::IpAddress> of_zone;
  std::uint64_t taken = 0;
  for (ProbeNode& node : nodes) {
    if (node.kind == ProbeNode::Kind::lvs && balancer.probe_source == ProbeSource::source_pool) {
      const std::vector<net::IpAddress> own = source_addresses_of_node(balancer, node.index);
      if (own.empty()) return {};
      node.address = own.front();
      node.ports = probe_ports(balancer.source_pool);
      continue;
    }
    const auto shared = of_zone.find(node.place);
    if (balancer.profile->one_probe_address_per_zone && shared != of_zone.end()) {
      node.address = shared->second;
      continue;
    }
    const std::optional<net::IpAddress> address = probe_address(balancer, taken++);
    if (!address) return {};
    node.address = *address;
    of_zone.emplace(node.place, *address);
  }
  share_ports(nodes);
  return nodes;
}

}  // namespace elblab::config
