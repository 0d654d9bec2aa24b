#include "models/network/route_table.hpp"

#include <algorithm>

namespace elblab::network {

RouteTable::RouteTable(std::vector<Route> routes) {
  std::stable_sort(routes.begin(), routes.end(), [](const Route& a, const Route& b) {
    const unsigned length_a = a.destination.prefix_length();
    const unsigned length_b = b.destination.prefix_length();
    if (length_a != length_b) return length_a > length_b;
    return a.destination.base() < b.destination.base();
  });
  for (const Route& route : routes) {
    const bool v4 = route.destination.base().is_v4();
    const unsigned length = route.destination.prefix_length();
    if (length == (v4 ? 32u : 128u)) {
      hosts_.insert({route.destination.base(), 0}, route.port);
      has_hosts_ = true;
      continue;
    }
    if (length == 0) {
      std::optional<PortIndex>& everywhere = v4 ? default_v4_ : default_v6_;
      if (!everywhere) everywhere = route.port;
      continue;
    }
    const auto same = std::find_if(lengths_.begin(), lengths_.end(), [&](const PrefixLength& p) {
      return p.v4 == v4 && p.length == length;
    });
    PrefixLength& list =
        same == lengths_.end() ? lengths_.emplace_back(PrefixLength{v4, length, {}}) : *same;
    list.routes.push_back(route);
  }
}

std::optional<PortIndex> RouteTable::find(const net::IpAddress& destination) const {
  if (has_hosts_) {
    if (const std::uint32_t* port = hosts_.find({destination, 0})) return *port;
  }
  for (const PrefixLength& prefix : lengths_) {
    if (prefix.v4 != destination.is_v4()) continue;
    const net::IpAddress base = net::Subnet(destination, prefix.length).base();
    const auto at = std::lower_bound(
        prefix.routes.begin(), prefix.routes.end(), base,
        [](const Route& route, const net::IpAddress& b) { return route.destination.base() < b; });
    if (at != prefix.routes.end() && at->destination.base() == base) return at->port;
  }
  return default_for(destination.is_v4());
}

}  // namespace elblab::network
