#include "models/access/security_groups.hpp"

namespace elblab::access {

SecurityGroups::SecurityGroups(std::vector<CompiledRules> groups, std::uint64_t hash_seed,
                               const TrackingLimits& limits)
    : groups_(std::move(groups)), flows_(limits, hash_seed) {}

bool SecurityGroups::admits(const net::PacketView& packet, network::Direction direction,
                            Instant now) {
  if (flows_.passes(packet, now)) return true;
  const Verdict verdict = judge(packet, direction);
  if (verdict != Verdict::allowed_with_answers) return verdict == Verdict::allowed;
  return flows_.open(packet, now);
}

SecurityGroups::Verdict SecurityGroups::judge(const net::PacketView& packet,
                                              network::Direction direction) const {
  const PacketTraits traits = PacketTraits::of(packet);
  Verdict verdict = Verdict::refused;
  for (const CompiledRules& group : groups_) {
    const RuleTable& rules = direction == network::Direction::in ? *group.in : *group.out;
    if (!rules.first_match(traits)) continue;
    if (group.stateful) return Verdict::allowed_with_answers;
    verdict = Verdict::allowed;
  }
  return verdict;
}

}  // namespace elblab::access
