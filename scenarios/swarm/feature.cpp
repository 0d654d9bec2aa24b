#include "scenarios/swarm/feature.hpp"

#include <array>

namespace elblab::swarm {
namespace {

constexpr double kOn = 0.4;

constexpr std::array<std::string_view, kFeatures> kNames{"several_balancers",
                                                         "zones",
                                                         "site",
                                                         "nat",
                                                         "relay",
                                                         "ip_v6",
                                                         "ns3_hosts",
                                                         "other_links",
                                                         "bad_links",
                                                         "busy_servers",
                                                         "security_groups",
                                                         "network_acl",
                                                         "firewall",
                                                         "access_lists",
                                                         "health_checks",
                                                         "stickiness",
                                                         "algorithms",
                                                         "weights",
                                                         "quic",
                                                         "udp",
                                                         "kept_connections",
                                                         "users",
                                                         "port_ranges",
                                                         "address_modes",
                                                         "public_address",
                                                         "timers",
                                                         "sysctls",
                                                         "faults",
                                                         "operations",
                                                         "odd_values"};

}  // namespace

Features Features::draw(random_scenarios::Draw& draw) {
  Features features;
  for (std::size_t i = 0; i < kFeatures; ++i) features.on_.set(i, draw.chance(kOn));
  return features;
}

std::vector<std::string> Features::names() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    if (on_.test(i)) names.emplace_back(kNames[i]);
  }
  return names;
}

std::string_view to_string(Feature feature) { return kNames[static_cast<std::size_t>(feature)]; }

}  // namespace elblab::swarm
