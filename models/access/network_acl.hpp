// The network ACL of a subnet: every packet into it and out of it is held against an ordered list,
// and the first rule that matches decides; without one the packet is dropped (ACL-24, ACL-25).
// Stateless [M]: the answer of a packet that was let in needs a rule of its own on the way out.
#pragma once

#include "models/access/compiled_rules.hpp"
#include "models/access/rule_list.hpp"
#include "models/network/filter.hpp"

namespace elblab::access {

class NetworkAcl final : public network::Filter {
 public:
  explicit NetworkAcl(const config::NetworkAcl& rules) : NetworkAcl(compile(rules)) {}

  bool admits(const net::PacketView& packet, network::Direction direction, Instant) override {
    return (direction == network::Direction::in ? in_ : out_).admits(PacketTraits::of(packet));
  }

  const RuleList& rules(network::Direction direction) const {
    return direction == network::Direction::in ? in_ : out_;
  }

 private:
  explicit NetworkAcl(const CompiledRules& rules) : in_(rules.in, false), out_(rules.out, false) {}

  RuleList in_;
  RuleList out_;
};

}  // namespace elblab::access
