// The servers that a scheduler chooses among, by number 0..n-1, and what it may know of each.
//
// Whoever chooses owns one Candidates per scheduler (a node has its own: GEN-04, so counts are
// those of the node) and tells it of changes: who is in or out and by whose hand, weights, flows
// that began or ended. Numbers keep their meaning for the life of the object. Changes are O(1);
// nothing is allocated after add().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/telemetry/decision.hpp"

namespace elblab::scheduling {

using Owner = telemetry::ServerOwner;  // who keeps a server out of the choice

struct Candidate {
  std::uint8_t weight = 1;               // 0: never chosen (SCH-10..12)
  std::uint8_t kept_out_by = 0;          // a bit for each Owner
  std::uint32_t active_connections = 0;  // what least connections weighs

  bool eligible() const { return kept_out_by == 0; }
  bool kept_out(Owner owner) const {
    return (kept_out_by & (1u << static_cast<unsigned>(owner))) != 0;
  }
  // Whether it may be chosen at all.
  bool usable() const { return kept_out_by == 0 && weight != 0; }
};

// What a server is called by whatever must come out alike on every node and in every order of
// servers: made of its name, which lasts, not of its address or place in a list, which do not.
using ServerKey = std::uint64_t;
ServerKey server_key(std::string_view name);

class Candidates {
 public:
  // Numbered in the order of the calls.
  void add(ServerKey key, std::uint8_t weight);

  std::size_t size() const { return states_.size(); }
  const Candidate& operator[](std::size_t server) const { return states_[server]; }
  std::span<const Candidate> states() const { return states_; }
  ServerKey key(std::size_t server) const { return keys_[server]; }

  void set(std::size_t server, Owner owner, bool in);
  void set_weight(std::size_t server, std::uint8_t weight);
  // A flow counts from its first packet on: one that waits for the answer to its SYN is work that
  // the server has already, and not counting it would send a whole burst to a slow one.
  void flow_began(std::size_t server) { ++states_[server].active_connections; }
  void flow_ended(std::size_t server) { --states_[server].active_connections; }

  // Another number after each change of which servers are usable; never 0. A scheduler that keeps a
  // table of them compares it with that of its table.
  std::uint64_t version() const { return version_; }

 private:
  std::vector<Candidate> states_;
  std::vector<ServerKey> keys_;
  std::uint64_t version_ = 1;
};

}  // namespace elblab::scheduling
