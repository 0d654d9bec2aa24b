// Whose packet is this? Tells by its addresses.
//
// Built once from the configuration; asked with every packet. O(1), no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "pcap/probes/probe_sources.hpp"

namespace elblab::replay {

enum class Leg : std::uint8_t {
  client_to_virtual,  // into a balancer
  virtual_to_client,  // out of one
  pool_to_server,     // out of one, from a fullNAT source address
  server_to_pool,     // into one
  server_to_client,   // into one that keeps clients' addresses; or a server's own traffic
  client_to_server,   // out of one that keeps clients' addresses; or direct access
  probe,              // of a health check: between a server and where probes come from
  beside_server,  // a server's or another known host's address, but no port that a balancer knows
  elsewhere,      // no address of a balancer's
};

class AddressPlan {
 public:
  explicit AddressPlan(std::span<const config::LoadBalancer> balancers);

  Leg leg_of(const net::PacketView& packet) const;

  bool is_virtual(const net::IpAddress& address) const { return virtual_.contains({address, 0}); }
  bool is_pool(const net::IpAddress& address) const { return pool_.contains({address, 0}); }

  // A server by its place in all_servers().
  struct ServerPlace {
    std::size_t balancer = 0;
    std::size_t group = 0;
    std::size_t server = 0;
    net::Endpoint endpoint;
  };
  const std::vector<ServerPlace>& all_servers() const { return servers_; }
  // The first server with this endpoint, by its place in all_servers().
  std::optional<std::size_t> server_at(const net::Endpoint& endpoint) const;
  // A listener in front of a server.
  struct Front {
    net::IpAddress address;
    config::PortRange ports;
    bool same_port = false;  // leads to the listening port of the server, not to its own
    // Which virtual endpoint leads to this port of the server; of a range that leads to one port
    // the first. own_port: the server's.
    std::optional<net::Endpoint> before(std::uint16_t server_port, std::uint16_t own_port) const;
  };
  // The virtual endpoints in front of an endpoint of a server (its place, by server_at()), first
  // listener first: calls visit(endpoint) until that is true.
  template <typename Visit>
  bool any_front(const net::Endpoint& endpoint, std::size_t server, bool tcp, Visit&& visit) const {
    for (const Front& front : tcp ? tcp_listeners_[server] : udp_listeners_[server]) {
      const auto before = front.before(endpoint.port, servers_[server].endpoint.port);
      if (before && visit(*before)) return true;
    }
    return false;
  }
  // Hosts around the balancers, of a scenario: what they say to each other passes the network, too.
  void add_probe_sources(probes::ProbeSources sources) {
    probe_sources_.push_back(std::move(sources));
  }
  void add_host(const net::IpAddress& address) { server_addresses_.insert({address, 0}, 0); }

 private:
  void add(const config::LoadBalancer& balancer, std::size_t index);
  void add_listeners(const config::LoadBalancer& balancer, const ServerPlace& place);
  bool is_probe(const net::Endpoint& source, const net::Endpoint& destination) const;
  Leg leg_of_port_packet(const net::Endpoint& source, const net::Endpoint& destination) const;

  net::EndpointMap virtual_;           // by address
  net::EndpointMap pool_;              // by address
  net::EndpointMap server_endpoints_;  // place in servers_
  net::EndpointMap server_addresses_;  // and those of other hosts
  std::vector<probes::ProbeSources> probe_sources_;
  std::vector<ServerPlace> servers_;
  std::vector<std::vector<Front>> tcp_listeners_;  // as servers_
  std::vector<std::vector<Front>> udp_listeners_;
};

}  // namespace elblab::replay
