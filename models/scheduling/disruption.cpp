#include "models/scheduling/disruption.hpp"

#include <vector>

#include "models/contract/require.hpp"
#include "models/scheduling/slot_table.hpp"

namespace elblab::scheduling {

Disruption disruption_by_removing(std::size_t removed, std::span<const ServerKey> servers,
                                  config::SourceHash settings,
                                  std::span<const net::IpAddress> clients) {
  ELBLAB_REQUIRE(removed < servers.size(), "the server to remove is one of them");
  std::vector<SlotTable::Member> members;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    members.push_back({servers[i], static_cast<std::uint16_t>(i)});
  }
  SlotTable before;
  before.fill(members, settings);
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(removed));
  SlotTable after;
  after.fill(members, settings);

  const auto left = [&](std::uint32_t slot) { return before.holder(slot) == removed; };
  const auto moved = [&](std::uint32_t slot) {
    return !left(slot) && before.holder(slot) != after.holder(slot);
  };
  Disruption disruption;
  for (std::uint32_t slot = 0; slot < SlotTable::kSlots; ++slot) {
    if (left(slot)) ++disruption.slots_of_removed;
    if (moved(slot)) ++disruption.slots_moved;
  }
  for (const net::IpAddress& client : clients) {
    const std::uint32_t slot = slot_of(client, settings.seed);
    if (left(slot)) ++disruption.clients_of_removed;
    if (moved(slot)) ++disruption.clients_moved;
  }
  return disruption;
}

}  // namespace elblab::scheduling
