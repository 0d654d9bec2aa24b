// The sessions and mappings of a NAT box, found by the flows of packets from either side.
//
// add, remove, find: O(1) expected; no allocation once grown. Memory: 220 bytes per session with
// its mapping and four index entries, and as much again at most while the tables have just grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/middlebox/translation.hpp"
#include "models/tables/handle_index.hpp"

namespace elblab::middlebox {

class TranslationTable {
 public:
  // hash_seed: of the run, so that nobody outside can choose flows that collide.
  explicit TranslationTable(std::uint64_t hash_seed) : seed_(hash_seed) {}

  Session& operator[](SessionId id) { return sessions_[id]; }
  const Session& operator[](SessionId id) const { return sessions_[id]; }
  Mapping& mapping(MappingId id) { return mappings_[id]; }
  const Mapping& mapping(MappingId id) const { return mappings_[id]; }
  const Mapping& mapping_of(SessionId id) const { return mappings_[sessions_[id].mapping]; }

  // inside -> remote, as a packet from inside has it; kNoTranslation: none.
  SessionId find_from_inside(const net::FlowKey& flow) const;
  // remote -> outer, as a packet from outside has it.
  SessionId find_from_outside(const net::FlowKey& flow) const;
  // The mapping of an inside endpoint, or of an outer one, that counts for a destination (all zero:
  // for every one).
  MappingId find_mapping_of_inside(net::Protocol protocol, const net::Endpoint& inside,
                                   const net::Endpoint& destination) const;
  MappingId find_mapping_of_outer(net::Protocol protocol, const net::Endpoint& outer,
                                  const net::Endpoint& destination) const;

  // No session or mapping of the same endpoints may be there. A mapping needs a session at once.
  MappingId add(const Mapping& mapping);
  SessionId add(const Session& session);
  // The mapping goes with its last session: true then.
  bool remove(SessionId id);

  std::size_t sessions() const { return session_count_; }
  std::size_t mappings() const { return mapping_count_; }
  // Sessions ever in use at once: their numbers are below.
  std::size_t highest() const { return sessions_.size(); }
  bool in_use(SessionId id) const { return sessions_[id].mapping != kNoTranslation; }

 private:
  std::uint32_t hash(const net::FlowKey& flow) const {
    return static_cast<std::uint32_t>(net::hash_of(flow, seed_) >> 32);
  }
  static net::FlowKey from_inside(const Session& session) {
    return {session.inside, session.remote, session.protocol};
  }
  net::FlowKey from_outside(const Session& session) const {
    return {session.remote, mappings_[session.mapping].outer, session.protocol};
  }
  static net::FlowKey of_inside(const Mapping& mapping) {
    return {mapping.inside, mapping.destination, mapping.protocol};
  }
  static net::FlowKey of_outer(const Mapping& mapping) {
    return {mapping.outer, mapping.destination, mapping.protocol};
  }
  void remove_mapping(MappingId id);

  std::uint64_t seed_;
  std::vector<Session> sessions_;
  std::vector<Mapping> mappings_;
  std::size_t session_count_ = 0;
  std::size_t mapping_count_ = 0;
  SessionId free_session_ = kNoTranslation;  // chained through next
  MappingId free_mapping_ = kNoTranslation;  // chained through first
  tables::HandleIndex by_inside_;
  tables::HandleIndex by_outside_;
  tables::HandleIndex mappings_by_inside_;
  tables::HandleIndex mappings_by_outer_;
};

}  // namespace elblab::middlebox
