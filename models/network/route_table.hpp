// Routes by destination: the longest prefix wins. Routes to single hosts, which most packets take,
// are found by hash; the others by prefix length. find: O(1) for a host, otherwise
// O(distinct prefix lengths x log routes).
#pragma once

#include <optional>
#include <vector>

#include "models/network/route.hpp"
#include "models/net/endpoint_map.hpp"

namespace elblab::network {

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
  const std::optional<PortIndex>& default_for(bool v4) const {
    return v4 ? default_v4_ : default_v6_;
  }

  net::EndpointMap hosts_;  // routes to one address: its port
  bool has_hosts_ = false;
  std::vector<PrefixLength> lengths_;  // of all other routes but the defaults, longest first
  std::optional<PortIndex> default_v4_;
  std::optional<PortIndex> default_v6_;
};

}  // namespace elblab::network
