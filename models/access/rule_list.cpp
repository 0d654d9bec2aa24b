#include "models/access/rule_list.hpp"

#include <utility>

namespace elblab::access {

RuleList::RuleList(std::shared_ptr<const RuleTable> rules, bool otherwise)
    : rules_(std::move(rules)), otherwise_(otherwise), matched_(rules_->size()) {}

bool RuleList::admits(const PacketTraits& packet) {
  const auto rule = rules_->first_match(packet);
  if (!rule) {
    ++unmatched_;
    return otherwise_;
  }
  ++matched_[*rule];
  return rules_->allows(*rule);
}

}  // namespace elblab::access
