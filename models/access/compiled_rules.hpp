// Rules of both directions, compiled once for all hosts that have them.
#pragma once

#include <memory>

#include "models/access/rule_table.hpp"

namespace elblab::access {

struct CompiledRules {
  std::shared_ptr<const RuleTable> in;
  std::shared_ptr<const RuleTable> out;
  bool stateful = false;  // only security groups are
};

// Of a NetworkAcl or a HostFirewall.
template <typename Rules>
CompiledRules compile(const Rules& rules) {
  return {std::make_shared<const RuleTable>(rules.in), std::make_shared<const RuleTable>(rules.out),
          false};
}
inline CompiledRules compile(const config::SecurityGroup& group) {
  std::vector<config::PacketRule> everything(1);
  everything[0].allow = true;
  return {std::make_shared<const RuleTable>(group.in),
          std::make_shared<const RuleTable>(group.out.value_or(everything)), group.stateful};
}

}  // namespace elblab::access
