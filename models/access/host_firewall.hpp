// The firewall of a host, as iptables has it: an ordered list per direction, the first rule that
// matches decides, a packet that none matches passes (the policy ACCEPT). Stateless. What it does
// not admit vanishes (DROP): nobody is told (ACL-27, ACL-38).
#pragma once

#include "models/access/compiled_rules.hpp"
#include "models/access/rule_list.hpp"
#include "models/network/filter.hpp"

namespace elblab::access {

class HostFirewall final : public network::Filter {
 public:
  explicit HostFirewall(const config::HostFirewall& rules) : HostFirewall(compile(rules)) {}
  // Rules that hosts share, each with counters of its own.
  explicit HostFirewall(const CompiledRules& rules) : in_(rules.in, true), out_(rules.out, true) {}

  bool admits(const net::PacketView& packet, network::Direction direction, Instant) override {
    return (direction == network::Direction::in ? in_ : out_).admits(PacketTraits::of(packet));
  }

  const RuleList& rules(network::Direction direction) const {
    return direction == network::Direction::in ? in_ : out_;
  }

 private:
  RuleList in_;
  RuleList out_;
};

}  // namespace elblab::access
