#include "models/access/filter_set.hpp"

#include <utility>

#include "models/access/host_firewall.hpp"
#include "models/access/network_acl.hpp"
#include "models/access/security_groups.hpp"
#include "models/contract/require.hpp"

namespace elblab::access {

network::Filter* FilterSet::make(const config::NetworkAcl& rules) {
  return keep(std::make_unique<NetworkAcl>(rules));
}

network::Filter* FilterSet::make(const config::HostFirewall& rules) {
  return keep(std::make_unique<HostFirewall>(rules));
}

network::Filter* FilterSet::make_groups(std::span<const std::string> names) {
  if (names.empty()) return nullptr;
  std::vector<CompiledRules> groups;
  for (const std::string& name : names) {
    const auto group = groups_.find(name);
    ELBLAB_REQUIRE(group != groups_.end(), "a host is in groups that were added");
    if (group != groups_.end()) groups.push_back(group->second);
  }
  return keep(
      std::make_unique<SecurityGroups>(std::move(groups), seed_ + filters_.size(), limits_));
}

}  // namespace elblab::access
