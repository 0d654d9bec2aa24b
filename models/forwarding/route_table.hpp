// Routes by destination: the longest prefix wins. find: O(distinct prefix lengths x log routes).
#pragma once

#include <optional>
#include <vector>

#include "models/forwarding/cluster.hpp"

namespace elblab::forwarding {

class RouteTable {
 public:
  // Of several routes to one destination the first counts.
  explicit RouteTable(std::vector<Route> routes);
  std::optional<PortIndex> find(const net::IpAddress& destination) const;

 private:
  struct PrefixLength {
    bool v4 = true;
    unsigned length = 0;
    std::vector<Route> routes;  // by base address
  };
  std::vector<PrefixLength> lengths_;  // longest first
};

}  // namespace elblab::forwarding
