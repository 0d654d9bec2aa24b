#include "worlds/network_filters.hpp"

#include <algorithm>

#include "worlds/hash_seed.hpp"
#include "worlds/objects.hpp"

namespace elblab::worlds {
namespace {

network::Filter* recorded_as(network::Filter* filter, telemetry::ObjectId object) {
  if (filter != nullptr) filter->stands_before(object);
  return filter;
}

}  // namespace

NetworkFilters::NetworkFilters(const language::Scenario& scenario, std::uint64_t run_seed,
                               const Objects& objects)
    : set_(hash_seed_of(run_seed, "filters")) {
  for (const config::SecurityGroup& group : scenario.security_groups) set_.add(group);
  for (std::size_t i = 0; i < scenario.subnets.size(); ++i) {
    const language::SubnetSpec& subnet = scenario.subnets[i];
    network::Filter* const acl = subnet.acl ? set_.make(*subnet.acl) : nullptr;
    acls_.push_back({subnet.cidr, recorded_as(acl, objects.subnets[i])});
  }
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    const language::HostSpec& host = scenario.hosts[i];
    network::PortFilters filters;
    for (std::size_t subnet = 0; subnet < acls_.size(); ++subnet) {
      if (scenario.subnets[subnet].name == host.subnet) filters.network_acl = acls_[subnet].filter;
    }
    filters.security_groups = recorded_as(set_.make_groups(host.security_groups), objects.hosts[i]);
    if (host.firewall)
      filters.host_firewall = recorded_as(set_.make(*host.firewall), objects.hosts[i]);
    hosts_.push_back(filters);
  }
}

bool NetworkFilters::any_in(const language::Scenario& scenario) {
  return std::any_of(scenario.subnets.begin(), scenario.subnets.end(),
                     [](const auto& subnet) { return subnet.acl.has_value(); }) ||
         std::any_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& host) {
           return host.firewall.has_value() || !host.security_groups.empty();
         });
}

void NetworkFilters::set_node_acls(network::Fabric& fabric, const network::Node& node) const {
  for (const net::IpAddress& address : node.addresses()) {
    if (network::Filter* const acl = acl_around(address)) fabric.set_node_acl(address, acl);
  }
}

network::Filter* NetworkFilters::acl_around(const net::IpAddress& address) const {
  const auto at = std::find_if(acls_.begin(), acls_.end(),
                               [&](const Acl& acl) { return acl.cidr.contains(address); });
  return at == acls_.end() ? nullptr : at->filter;
}

}  // namespace elblab::worlds
