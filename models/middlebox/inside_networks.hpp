// The networks behind a box: whether an address is one of theirs, and its number among them.
// O(1) for single hosts, otherwise O(distinct prefix lengths x log subnets).
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/address.hpp"
#include "models/network/route_table.hpp"

namespace elblab::middlebox {

class InsideNetworks {
 public:
  // IPv4, and without overlap (config::validate).
  explicit InsideNetworks(std::vector<net::Subnet> subnets);

  const std::vector<net::Subnet>& subnets() const { return subnets_; }
  bool contains(const net::IpAddress& address) const { return lookup_.find(address).has_value(); }
  // Counts the addresses of all subnets, in their order, modulo 2^32. Only of an address in them.
  std::uint32_t number_of(const net::IpAddress& address) const;

 private:
  std::vector<net::Subnet> subnets_;
  std::vector<std::uint32_t> first_;  // number of each subnet's base
  network::RouteTable lookup_;        // "port": index of the subnet
};

}  // namespace elblab::middlebox
