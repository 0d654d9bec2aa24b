// What a random world may have. Each feature is on or off for a whole world: leaving some out lets
// the others go further than a world that has a little of everything (A. Groce, C. Zhang, E. Eide,
// Y. Chen, J. Regehr: Swarm Testing, ISSTA 2012).
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/random/draw.hpp"

namespace elblab::swarm {

enum class Feature : std::uint8_t {
  several_balancers,
  zones,
  site,
  nat,
  relay,
  ip_v6,
  ns3_hosts,
  other_links,   // csma, pooled
  bad_links,     // loss, jitter, little bandwidth
  busy_servers,  // CPU, accept rate, short queues
  security_groups,
  network_acl,
  firewall,
  access_lists,
  health_checks,
  stickiness,
  algorithms,
  weights,
  quic,
  udp,
  kept_connections,
  users,
  port_ranges,
  address_modes,  // client's address kept or fullNAT, IP as a Backend, small source pool
  public_address,
  timers,
  sysctls,
  faults,
  operations,
  odd_values,  // any field of the language, any value of its range
  count,
};

inline constexpr std::size_t kFeatures = static_cast<std::size_t>(Feature::count);

class Features {
 public:
  // Each is on with a probability of two in five.
  static Features draw(random_scenarios::Draw& draw);

  bool has(Feature feature) const { return on_.test(static_cast<std::size_t>(feature)); }
  // In the order of the enumeration: "zones", "nat".
  std::vector<std::string> names() const;

 private:
  std::bitset<kFeatures> on_;
};

std::string_view to_string(Feature feature);

}  // namespace elblab::swarm
