#include "pcap/replay/address_plan.hpp"

#include <algorithm>

namespace elblab::replay {

AddressPlan::AddressPlan(std::span<const config::LoadBalancer> balancers) {
  for (std::size_t i = 0; i < balancers.size(); ++i) add(balancers[i], i);
}

void AddressPlan::add(const config::LoadBalancer& balancer, std::size_t index) {
  virtual_.insert({balancer.address, 0}, 0);
  if (balancer.address_v6) virtual_.insert({*balancer.address_v6, 0}, 0);
  for (const net::IpAddress& address : config::source_addresses(balancer)) {
    pool_.insert({address, 0}, 0);
  }
  for (std::size_t group = 0; group < balancer.groups.size(); ++group) {
    const auto& servers = balancer.groups[group].servers;
    for (std::size_t server = 0; server < servers.size(); ++server) {
      const net::Endpoint endpoint{servers[server].address, servers[server].port};
      server_endpoints_.insert(endpoint, static_cast<std::uint32_t>(servers_.size()));
      server_addresses_.insert({endpoint.address, 0}, 0);
      servers_.push_back({index, group, server, endpoint});
      add_listeners(balancer, servers_.back());
    }
  }
}

void AddressPlan::add_listeners(const config::LoadBalancer& balancer, const ServerPlace& place) {
  auto& tcp = tcp_listeners_.emplace_back();
  auto& udp = udp_listeners_.emplace_back();
  for (const config::Listener& listener : balancer.listeners) {
    if (listener.group != balancer.groups[place.group].name) continue;
    const bool v4 = place.endpoint.address.is_v4();
    const bool first_fits = balancer.address.is_v4() == v4;
    if (!first_fits && !balancer.address_v6) continue;
    const Front front{first_fits ? balancer.address : *balancer.address_v6, listener.port,
                      listener.server_port == config::ServerPort::listening};
    for (const std::uint16_t port :
         config::server_ports(listener, balancer.groups[place.group].servers[place.server])) {
      server_endpoints_.insert({place.endpoint.address, port},
                               static_cast<std::uint32_t>(servers_.size() - 1));
    }
    (listener.protocol == config::ListenerProtocol::udp ? udp : tcp).push_back(front);
  }
}

std::optional<net::Endpoint> AddressPlan::Front::before(std::uint16_t server_port,
                                                        std::uint16_t own_port) const {
  if (same_port) {
    return ports.contains(server_port) ? std::optional(net::Endpoint{address, server_port})
                                       : std::nullopt;
  }
  return server_port == own_port ? std::optional(net::Endpoint{address, ports.first})
                                 : std::nullopt;
}

std::optional<std::size_t> AddressPlan::server_at(const net::Endpoint& endpoint) const {
  const std::uint32_t* place = server_endpoints_.find(endpoint);
  if (place == nullptr) return std::nullopt;
  return *place;
}

Leg AddressPlan::leg_of(const net::PacketView& packet) const {
  const net::Endpoint source{packet.source(), packet.source_port()};
  const net::Endpoint destination{packet.destination(), packet.destination_port()};
  if (is_virtual(destination.address)) return Leg::client_to_virtual;
  if (is_virtual(source.address)) return Leg::virtual_to_client;
  if (is_probe(source, destination)) return Leg::probe;
  if (is_pool(destination.address)) return Leg::server_to_pool;
  if (is_pool(source.address)) return Leg::pool_to_server;
  if (packet.has_ports()) return leg_of_port_packet(source, destination);
  // ICMP has no ports: a server's address is all there is to go by.
  if (server_addresses_.contains({source.address, 0})) return Leg::server_to_client;
  if (server_addresses_.contains({destination.address, 0})) return Leg::client_to_server;
  return Leg::elsewhere;
}

bool AddressPlan::is_probe(const net::Endpoint& source, const net::Endpoint& destination) const {
  const auto comes_from = [&](const net::Endpoint& endpoint) {
    return std::any_of(probe_sources_.begin(), probe_sources_.end(), [&](const auto& sources) {
      return endpoint.port == 0 ? sources.contains(endpoint.address) : sources.contains(endpoint);
    });
  };
  const auto is_server = [&](const net::Endpoint& endpoint) {
    return server_addresses_.contains({endpoint.address, 0});
  };
  return (is_server(destination) && comes_from(source)) ||
         (is_server(source) && comes_from(destination));
}

Leg AddressPlan::leg_of_port_packet(const net::Endpoint& source,
                                    const net::Endpoint& destination) const {
  if (server_endpoints_.contains(source)) return Leg::server_to_client;
  if (server_endpoints_.contains(destination)) return Leg::client_to_server;
  const bool beside = server_addresses_.contains({source.address, 0}) ||
                      server_addresses_.contains({destination.address, 0});
  return beside ? Leg::beside_server : Leg::elsewhere;
}

}  // namespace elblab::replay
