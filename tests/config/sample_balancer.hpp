// A balancer that validates, to be spoilt one field at a time.
#pragma once

#include "models/config/load_balancer.hpp"

namespace elblab::config {

inline LoadBalancer sample_balancer(const char* profile) {
  LoadBalancer balancer;
  balancer.profile = find_profile(profile);
  balancer.address = *net::IpAddress::parse("198.51.100.10");
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  balancer.source_pool.addresses = 4;
  BackendGroup group;
  group.name = "app";
  group.servers.push_back({"b1", *net::IpAddress::parse("10.0.2.1"), 90, 1, false});
  group.servers.push_back({"b2", *net::IpAddress::parse("10.0.2.2"), 90, 1, false});
  balancer.groups.push_back(group);
  Listener listener;
  listener.name = "web";
  listener.port = {80, 80};
  listener.group = "app";
  balancer.listeners.push_back(listener);
  return balancer;
}

// The same over UDP, so that both stand side by side.
inline void add_udp(LoadBalancer& balancer) {
  BackendGroup group = balancer.groups[0];
  group.name = "dns";
  group.protocol = BackendProtocol::udp;
  balancer.groups.push_back(group);
  Listener listener;
  listener.name = "resolver";
  listener.protocol = ListenerProtocol::udp;
  listener.port = {80, 80};
  listener.group = "dns";
  balancer.listeners.push_back(listener);
}

}  // namespace elblab::config
