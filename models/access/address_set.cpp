#include "models/access/address_set.hpp"

#include <algorithm>
#include <iterator>

namespace elblab::access {
namespace {

// IPv4 addresses have values among those of IPv6, but no subnet of one family holds the other's:
// each family stands for itself.
bool goes_before(const net::IpAddress& a, const net::IpAddress& b) {
  return a.is_v4() != b.is_v4() ? a.is_v4() : a < b;
}

}  // namespace

AddressSet::AddressSet(std::span<const net::Subnet> subnets) {
  std::vector<net::Subnet> sorted(subnets.begin(), subnets.end());
  std::sort(sorted.begin(), sorted.end(), [](const net::Subnet& a, const net::Subnet& b) {
    if (a.base() != b.base()) return goes_before(a.base(), b.base());
    return a.prefix_length() < b.prefix_length();  // the widest first
  });
  for (const net::Subnet& subnet : sorted) {
    if (!subnets_.empty() && subnets_.back().contains(subnet.base())) continue;
    subnets_.push_back(subnet);
  }
}

bool AddressSet::contains(const net::IpAddress& address) const {
  const auto behind = std::upper_bound(subnets_.begin(), subnets_.end(), address,
                                       [](const net::IpAddress& a, const net::Subnet& subnet) {
                                         return goes_before(a, subnet.base());
                                       });
  return behind != subnets_.begin() && std::prev(behind)->contains(address);
}

}  // namespace elblab::access
