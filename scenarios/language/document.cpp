#include "scenarios/language/document.hpp"

namespace elblab::language {

// Documentation, benchmarking and private blocks (RFC 5737, RFC 2544, RFC 1918, RFC 3849).
Networks::Networks()
    : clients{net::Subnet(net::IpAddress::v4(203, 0, 113, 0), 24),
              net::Subnet(net::IpAddress::v4(198, 18, 0, 0), 15),
              *net::Subnet::parse("2001:db8:1::/64")},
      servers{net::Subnet(net::IpAddress::v4(192, 168, 1, 0), 24),
              *net::Subnet::parse("2001:db8:2::/64")} {}

BalancerEntry::BalancerEntry() {
  values.address = net::IpAddress::v4(198, 51, 100, 10);
  values.backend_subnet = net::Subnet(net::IpAddress::v4(10, 0, 1, 0), 24);
}

std::span<BalancerEntry> Document::all_balancers() {
  if (balancer) return {&*balancer, 1};
  return balancers;
}

std::span<const BalancerEntry> Document::all_balancers() const {
  return const_cast<Document*>(this)->all_balancers();
}

std::vector<std::string> Document::path_of(const BalancerEntry& entry,
                                           std::initializer_list<std::string> below) const {
  std::vector<std::string> path =
      balancer ? std::vector<std::string>{"balancer"}
               : std::vector<std::string>{"balancers", entry.name};
  path.insert(path.end(), below);
  return path;
}

}  // namespace elblab::language
