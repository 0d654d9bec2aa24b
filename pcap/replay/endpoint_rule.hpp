// Says that an endpoint of the capture plays the part of one of the balancer's: a virtual endpoint
// (a listener) or a server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "models/config/load_balancer.hpp"
#include "models/contract/expected.hpp"
#include "models/net/address.hpp"

namespace elblab::replay {

struct EndpointRule {
  enum class Part : std::uint8_t { listener, server } part = Part::listener;
  net::Endpoint captured;
  net::Endpoint ours;
  std::string name;  // "web", "app/b1"
};

using Balancers = std::span<const config::LoadBalancer>;

// "10.0.0.1:80" or "[2001:db8::1]:80".
std::optional<net::Endpoint> parse_endpoint(std::string_view text);

// "203.0.113.5:443=web" (a listener) or "10.0.0.7:8080=app/b1" (a server): the rule, or what is
// wrong with it and what would be right. A balancer's name may stand before the listener's or the
// group's, "lb1/web", and must where several balancers have one of that name.
Expected<EndpointRule> parse_listener_rule(std::string_view text, Balancers balancers);
Expected<EndpointRule> parse_server_rule(std::string_view text, Balancers balancers);

// The virtual endpoint of a listener in the family of `like`; nullopt: the balancer has no address
// of that family.
std::optional<net::Endpoint> virtual_endpoint(const config::LoadBalancer& balancer,
                                              const config::Listener& listener,
                                              const net::IpAddress& like);

}  // namespace elblab::replay
