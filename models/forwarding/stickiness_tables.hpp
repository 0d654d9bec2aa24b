// The tables of sticky sessions of a balancer's groups: those that its nodes share, or those of one
// node (GEN-04), as each group asks for.
//
// A table lives as long as its group has stickiness with the same capacity and the same owner of
// tables: a change of duration or timer keeps its bindings, switching off forgets them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/scheduling/stickiness_table.hpp"

namespace elblab::forwarding {

class StickinessTables {
 public:
  // which: the groups that it has tables for; nullopt: all (of a node that shares with nobody).
  StickinessTables(std::optional<config::Stickiness::Table> which, std::uint64_t hash_seed)
      : which_(which), hash_seed_(hash_seed) {}

  // As these groups want it from now on; always the groups of one balancer.
  void configure(const config::LoadBalancer& balancer);
  // nullptr: the group has no stickiness, or has its tables elsewhere.
  const std::shared_ptr<scheduling::StickinessTable>& of(std::size_t group) const;

 private:
  using Table = std::shared_ptr<scheduling::StickinessTable>;

  void configure(Table& table, std::size_t group, const config::Stickiness& wanted,
                 Duration duration) const;

  std::optional<config::Stickiness::Table> which_;
  std::uint64_t hash_seed_;
  std::vector<Table> tables_;  // by group
};

}  // namespace elblab::forwarding
