// Decides which LVS node a packet belongs to, as the routers in front of a cluster do (ECMP): a
// client's packets by a hash of its endpoint, answers to a pool address by the address's owner,
// answers to a kept client address by the same hash of their destination.
#pragma once

#include <cstdint>
#include <optional>

#include "models/config/load_balancer.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::forwarding {

class FlowSteering {
 public:
  FlowSteering(const config::LoadBalancer& balancer, std::size_t nodes, std::uint64_t hash_seed);

  enum class Claim : std::uint8_t {
    none,     // no node's; to be routed
    certain,  // the node's
    answer,   // the node's if it holds a binding for `flow`; otherwise a server's own traffic
              // (direct access), to be routed
  };
  struct Target {
    Claim claim = Claim::none;
    std::size_t node = 0;
    net::FlowKey flow;  // of the packet; of an ICMP error: the answer to what it quotes
  };
  Target target(const net::PacketView& packet) const;
  // Of a TCP or UDP packet of this flow.
  Target target(const net::FlowKey& flow) const;

 private:
  Target answer(const net::FlowKey& flow) const;
  std::size_t node_of(const net::Endpoint& client) const;
  bool is_virtual(const net::IpAddress& address) const;

  net::IpAddress virtual_address_;
  std::optional<net::IpAddress> virtual_address_v6_;
  std::size_t nodes_;
  std::uint64_t seed_;
  net::EndpointMap pool_;     // source address -> node
  net::EndpointMap servers_;  // only those that see clients' addresses
};

}  // namespace elblab::forwarding
