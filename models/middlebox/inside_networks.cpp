#include "models/middlebox/inside_networks.hpp"

#include <utility>

namespace elblab::middlebox {
namespace {

std::vector<network::Route> routes_to(const std::vector<net::Subnet>& subnets) {
  std::vector<network::Route> routes;
  routes.reserve(subnets.size());
  for (const net::Subnet& subnet : subnets) {
    routes.push_back({subnet, static_cast<network::PortIndex>(routes.size())});
  }
  return routes;
}

}  // namespace

InsideNetworks::InsideNetworks(std::vector<net::Subnet> subnets)
    : subnets_(std::move(subnets)), lookup_(routes_to(subnets_)) {
  std::uint32_t next = 0;
  first_.reserve(subnets_.size());
  for (const net::Subnet& subnet : subnets_) {
    first_.push_back(next);
    next += static_cast<std::uint32_t>(subnet.size());
  }
}

std::uint32_t InsideNetworks::number_of(const net::IpAddress& address) const {
  const network::PortIndex subnet = lookup_.find(address).value();
  return first_[subnet] + address.v4_value() - subnets_[subnet].base().v4_value();
}

}  // namespace elblab::middlebox
