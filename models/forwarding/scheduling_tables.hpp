// What outlives a decision, of all groups: sticky sessions and connection IDs. Those of all nodes
// of a balancer, or those of one node (GEN-04).
#pragma once

#include <cstdint>
#include <optional>

#include "models/forwarding/connection_id_tables.hpp"
#include "models/forwarding/stickiness_tables.hpp"

namespace elblab::forwarding {

struct SchedulingTables {
  // which: the groups that want such tables; nullopt: all (of a node that shares with nobody).
  SchedulingTables(std::optional<config::TableScope> which, std::uint64_t hash_seed)
      : stickiness(which, hash_seed), connection_ids(which, ~hash_seed) {}

  // As these groups want it from now on; always the groups of one balancer.
  void configure(const config::LoadBalancer& balancer) {
    stickiness.configure(balancer);
    connection_ids.configure(balancer);
  }

  StickinessTables stickiness;
  ConnectionIdTables connection_ids;
};

}  // namespace elblab::forwarding
