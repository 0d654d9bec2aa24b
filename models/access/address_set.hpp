// Subnets as the addresses that lie in one of them. contains: O(log subnets).
#pragma once

#include <span>
#include <vector>

#include "models/net/address.hpp"

namespace elblab::access {

class AddressSet {
 public:
  explicit AddressSet(std::span<const net::Subnet> subnets);
  bool contains(const net::IpAddress& address) const;
  std::size_t memory_bytes() const { return subnets_.capacity() * sizeof(net::Subnet); }

 private:
  std::vector<net::Subnet> subnets_;  // by base, none within another
};

}  // namespace elblab::access
