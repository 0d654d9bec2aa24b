// The security groups of a host: what one of its groups allows passes (ACL-21, ACL-22), and so do
// the answers where that group is stateful. Everything else is dropped.
//
// Several groups are their union. A packet of a flow that a stateful group admitted passes without
// a look at the rules, whichever way it goes; so does an ICMP error about such a flow. So
// connections that are there outlive a change of the groups, as in clouds; new ones meet the new
// rules. Bounded by TrackingLimits. admits: O(1) for known flows, otherwise O(groups x log rules).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "models/access/compiled_rules.hpp"
#include "models/access/flow_tracker.hpp"
#include "models/network/filter.hpp"

namespace elblab::access {

class SecurityGroups final : public network::Filter {
 public:
  // Hosts of one group share its compiled rules. Without a group nothing passes.
  SecurityGroups(std::vector<CompiledRules> groups, std::uint64_t hash_seed,
                 const TrackingLimits& limits = {});

  bool admits(const net::PacketView& packet, network::Direction direction, Instant now) override;

  void set_groups(std::vector<CompiledRules> groups) { groups_ = std::move(groups); }

  const FlowTracker& flows() const { return flows_; }

 private:
  enum class Verdict : std::uint8_t { refused, allowed, allowed_with_answers };
  Verdict judge(const net::PacketView& packet, network::Direction direction) const;

  std::vector<CompiledRules> groups_;
  FlowTracker flows_;
};

}  // namespace elblab::access
