#include "worlds/routes.hpp"

#include "models/random/stream.hpp"

namespace elblab::worlds {

std::vector<network::Route> routes_to(const std::vector<language::HostSpec>& hosts) {
  std::vector<network::Route> routes;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (const net::IpAddress& address : hosts[i].addresses) {
      routes.push_back({net::Subnet(address, address.is_v4() ? 32 : 128),
                        static_cast<network::PortIndex>(i)});
    }
  }
  return routes;
}

std::uint64_t hash_seed_of(std::uint64_t run_seed, const std::string& balancer) {
  return random::Stream(run_seed, balancer + "/hash").next();
}

}  // namespace elblab::worlds
