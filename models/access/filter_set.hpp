// The filters of a network: makes them from what an operator wrote down, and owns them.
//
//   FilterSet filters(seed);
//   for each group of the file:  filters.add(group);
//   for each subnet with an ACL: acl = filters.make(subnet_acl);
//   for each host:               fabric.set_filters(port, {acl of its subnet,
//                                    filters.make_groups(names), filters.make(its firewall)});
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/access/compiled_rules.hpp"
#include "models/access/flow_tracker.hpp"
#include "models/network/filter.hpp"

namespace elblab::access {

class FilterSet {
 public:
  // hash_seed: of the tables of flows.
  explicit FilterSet(std::uint64_t hash_seed, const TrackingLimits& limits = {})
      : seed_(hash_seed), limits_(limits) {}

  // Compiled once, for all hosts in it.
  void add(const config::SecurityGroup& group) { groups_[group.name] = compile(group); }

  // What is made lives as long as the set. One ACL stands before all ports of its subnet.
  network::Filter* make(const config::NetworkAcl& rules);
  network::Filter* make(const config::HostFirewall& rules);
  // Of one host that is in these groups, each of which was added; nullptr when there are none: who
  // is in no group is not filtered.
  network::Filter* make_groups(std::span<const std::string> names);

 private:
  template <typename Made>
  network::Filter* keep(std::unique_ptr<Made> filter) {
    filters_.push_back(std::move(filter));
    return filters_.back().get();
  }

  std::uint64_t seed_;
  TrackingLimits limits_;
  std::map<std::string, CompiledRules> groups_;
  std::vector<std::unique_ptr<network::Filter>> filters_;
};

}  // namespace elblab::access
