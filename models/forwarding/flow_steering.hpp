// Decides which LVS node a packet belongs to, as the routers in front of a balancer do (ECMP): a
// client's packets by a hash of its endpoint, answers to a pool address by the address's owner,
// answers to a kept client address by the same hash of their destination.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "models/network/node.hpp"

namespace elblab::forwarding {

class FlowSteering {
 public:
  FlowSteering(const config::LoadBalancer& balancer, std::size_t nodes, std::uint64_t hash_seed);

  // part: the LVS node; flow: of the packet, of an ICMP error the answer to what it quotes.
  // Certain: to the virtual address, or to an address of the pool. An answer, if the node holds a
  // binding for `flow`: from an endpoint of a server that sees clients' addresses.
  network::Claim claim(const net::PacketView& packet) const;
  // Of a TCP or UDP packet of this flow.
  network::Claim claim(const net::FlowKey& flow) const;

  // Whether a client's packets for this port of the virtual address go to this node now.
  bool leads_to(std::size_t node, const net::Endpoint& client, std::uint16_t virtual_port) const {
    return node_of(client, virtual_port) == node;
  }
  // A claim of this node.
  network::Claim claim_of(network::Claim::Kind kind, std::size_t node,
                          const net::FlowKey& flow) const {
    return {kind, false, static_cast<std::uint16_t>(node), places_[node], 0, flow};
  }
  // Whether only the node that holds a flow knows that an answer is its own: the hash took the
  // listener's port in, which answers do not carry.
  bool asks_every_node() const {
    return steering_ == config::Steering::five_tuple && places_.size() > 1;
  }
  // A place goes out of service, or comes back: new packets go to the nodes of the others.
  void set_up(std::uint16_t place, bool up);

  // The virtual addresses and those of the pool.
  std::vector<net::IpAddress> own_addresses() const;

 private:
  using Kind = network::Claim::Kind;

  network::Claim certain(std::size_t node, const net::FlowKey& flow) const {
    return claim_of(Kind::certain, node, flow);
  }
  void assign(network::Claim& claim, Kind kind, std::size_t node) const {
    claim.kind = kind;
    claim.part = static_cast<std::uint16_t>(node);
    claim.place = places_[node];
  }
  // Whose claim.flow is; of a packet with ports.
  void decide(network::Claim& claim) const;
  network::Claim claim_of_icmp(const net::PacketView& packet) const;
  // ECMP: among the nodes whose place is up.
  std::size_t node_of(const net::Endpoint& client, std::uint16_t virtual_port) const;
  bool is_virtual(const net::IpAddress& address) const;
  bool is_of_probe(const net::PacketView& packet, const std::optional<net::FlowKey>& quoted) const;

  net::IpAddress virtual_address_;
  std::optional<net::IpAddress> virtual_address_v6_;
  config::Steering steering_;
  std::vector<std::uint16_t> places_;  // of the nodes
  std::vector<std::uint16_t> up_;      // nodes whose place is up; all of them when none is
  std::uint64_t seed_;
  std::uint16_t last_pool_port_;  // above it are those of probes from the pool's addresses
  std::vector<net::IpAddress> pool_addresses_;
  net::EndpointMap pool_;     // source address -> node
  net::EndpointMap servers_;  // only those that see clients' addresses
};

}  // namespace elblab::forwarding
