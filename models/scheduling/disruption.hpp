// What moves when one of several servers is taken out of a source hash, counted: no estimate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"
#include "models/scheduling/candidates.hpp"

namespace elblab::scheduling {

struct Disruption {
  // Slots of SlotTable::kSlots: those of the server that went, which had to go elsewhere, and those
  // of others that went elsewhere although their server stayed.
  std::uint32_t slots_of_removed = 0;
  std::uint32_t slots_moved = 0;
  // The same of the clients given, each entry of which counts.
  std::size_t clients_of_removed = 0;
  std::size_t clients_moved = 0;
};

// removed: of the servers, all of them usable, by its place in the span. Fills two tables.
Disruption disruption_by_removing(std::size_t removed, std::span<const ServerKey> servers,
                                  config::SourceHash settings,
                                  std::span<const net::IpAddress> clients = {});

}  // namespace elblab::scheduling
