#include "models/scheduling/source_ip_hash.hpp"

namespace elblab::scheduling {

std::optional<std::size_t> SourceIpHash::choose(const Candidates& candidates,
                                                const Arrival& arrival) {
  return holder(candidates, slot_of(arrival.client, settings_.seed));
}

Decision SourceIpHash::explain(const Candidates& candidates, const Arrival& arrival) {
  Decision decision;
  decision.candidates = weighed(candidates);
  const std::uint32_t slot = slot_of(arrival.client, settings_.seed);
  decision.chosen = holder(candidates, slot);
  if (decision.chosen) {
    decision.ground = Ground::table_slot;
    decision.slot = slot;
  }
  return decision;
}

void SourceIpHash::reset(std::size_t) { version_ = 0; }

std::optional<std::size_t> SourceIpHash::holder(const Candidates& candidates, std::uint32_t slot) {
  if (version_ != candidates.version()) {
    table_.fill(table_members(candidates), settings_);
    version_ = candidates.version();
  }
  const std::uint16_t server = table_.holder(slot);
  if (server == SlotTable::kNobody) return std::nullopt;
  return server;
}

}  // namespace elblab::scheduling
