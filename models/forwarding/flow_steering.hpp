// Decides which LVS node a packet belongs to, as the routers in front of a cluster do (ECMP): a
// client's packets by a hash of its endpoint, answers to a pool address by the address's owner,
// answers to a kept client address by the same hash of their destination.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::forwarding {

class FlowSteering {
 public:
  FlowSteering(const config::LoadBalancer& balancer, std::size_t nodes, std::uint64_t hash_seed);

  struct Target {
    std::size_t node = 0;
    // Set when the packet is the node's only if it holds a binding for this answer; otherwise it is
    // traffic of a server's own (direct access) and is routed.
    std::optional<net::FlowKey> if_holds;
  };
  // nullopt: no node's; to be routed.
  std::optional<Target> target(const net::PacketView& packet) const;

 private:
  struct PoolAddress {
    net::IpAddress address;
    std::size_t node = 0;
  };

  std::size_t node_of(const net::Endpoint& client) const;
  bool is_virtual(const net::IpAddress& address) const;
  bool is_server(const net::Endpoint& endpoint) const;
  const PoolAddress* find_pool(const net::IpAddress& address) const;

  net::IpAddress virtual_address_;
  std::optional<net::IpAddress> virtual_address_v6_;
  std::size_t nodes_;
  std::uint64_t seed_;
  std::vector<PoolAddress> pool_;       // by address
  std::vector<net::Endpoint> servers_;  // ascending; only those that see clients' addresses
};

}  // namespace elblab::forwarding
