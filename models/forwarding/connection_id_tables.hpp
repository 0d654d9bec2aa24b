// The tables of connection IDs of a balancer's QUIC groups: those that its nodes share, or those of
// one node (GEN-04), as each group asks for.
//
// A table lives as long as its group is scheduled by connection ID, with IDs of the same length and
// as many of them, and the same owner of tables.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/scheduling/connection_id_table.hpp"

namespace elblab::forwarding {

class ConnectionIdTables {
 public:
  // which: the groups that it has tables for; nullopt: all (of a node that shares with nobody).
  ConnectionIdTables(std::optional<config::TableScope> which, std::uint64_t hash_seed)
      : which_(which), hash_seed_(hash_seed) {}

  // As these groups want it from now on; always the groups of one balancer.
  void configure(const config::LoadBalancer& balancer);
  // nullptr: the group has none, for its IDs have no length or it is no QUIC group, or has its
  // table elsewhere.
  const std::shared_ptr<scheduling::ConnectionIdTable>& of(std::size_t group) const;

 private:
  using Table = std::shared_ptr<scheduling::ConnectionIdTable>;

  std::optional<config::TableScope> which_;
  std::uint64_t hash_seed_;
  std::vector<Table> tables_;  // by group
};

}  // namespace elblab::forwarding
