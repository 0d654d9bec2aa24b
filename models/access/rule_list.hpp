// The rules of one direction, with what they have decided.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/access/rule_table.hpp"

namespace elblab::access {

class RuleList {
 public:
  // otherwise: what becomes of a packet that no rule matches.
  RuleList(std::shared_ptr<const RuleTable> rules, bool otherwise);

  bool admits(const PacketTraits& packet);

  // Packets that each rule decided, in order of the rules: what `iptables -L -v` counts.
  std::span<const std::uint64_t> matched() const { return matched_; }
  std::uint64_t unmatched() const { return unmatched_; }

 private:
  std::shared_ptr<const RuleTable> rules_;
  bool otherwise_;
  std::vector<std::uint64_t> matched_;
  std::uint64_t unmatched_ = 0;
};

}  // namespace elblab::access
