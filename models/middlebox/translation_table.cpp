#include "models/middlebox/translation_table.hpp"

#include "models/contract/require.hpp"

namespace elblab::middlebox {

static_assert(tables::HandleIndex::kNone == kNoTranslation);

SessionId TranslationTable::find_from_inside(const net::FlowKey& flow) const {
  return by_inside_.find(hash(flow),
                         [&](SessionId id) { return from_inside(sessions_[id]) == flow; });
}

SessionId TranslationTable::find_from_outside(const net::FlowKey& flow) const {
  return by_outside_.find(hash(flow),
                          [&](SessionId id) { return from_outside(sessions_[id]) == flow; });
}

MappingId TranslationTable::find_mapping_of_inside(net::Protocol protocol,
                                                   const net::Endpoint& inside,
                                                   const net::Endpoint& destination) const {
  const net::FlowKey key{inside, destination, protocol};
  return mappings_by_inside_.find(hash(key),
                                  [&](MappingId id) { return of_inside(mappings_[id]) == key; });
}

MappingId TranslationTable::find_mapping_of_outer(net::Protocol protocol,
                                                  const net::Endpoint& outer,
                                                  const net::Endpoint& destination) const {
  const net::FlowKey key{outer, destination, protocol};
  return mappings_by_outer_.find(hash(key),
                                 [&](MappingId id) { return of_outer(mappings_[id]) == key; });
}

MappingId TranslationTable::add(const Mapping& mapping) {
  ELBLAB_REQUIRE(
      find_mapping_of_outer(mapping.protocol, mapping.outer, mapping.destination) == kNoTranslation,
      "an outer endpoint stands for one inside endpoint");
  MappingId id = free_mapping_;
  if (id != kNoTranslation) {
    free_mapping_ = mappings_[id].first;
  } else {
    id = static_cast<MappingId>(mappings_.size());
    mappings_.emplace_back();
  }
  mappings_[id] = mapping;
  mappings_[id].first = kNoTranslation;
  mappings_by_inside_.insert(hash(of_inside(mapping)), id);
  mappings_by_outer_.insert(hash(of_outer(mapping)), id);
  ++mapping_count_;
  return id;
}

SessionId TranslationTable::add(const Session& session) {
  ELBLAB_REQUIRE(find_from_inside(from_inside(session)) == kNoTranslation &&
                     find_from_outside(from_outside(session)) == kNoTranslation,
                 "a flow is one session");
  SessionId id = free_session_;
  if (id != kNoTranslation) {
    free_session_ = sessions_[id].next;
  } else {
    id = static_cast<SessionId>(sessions_.size());
    sessions_.emplace_back();
  }
  Session& added = sessions_[id];
  added = session;
  Mapping& mapping = mappings_[session.mapping];
  added.previous = kNoTranslation;
  added.next = mapping.first;
  if (mapping.first != kNoTranslation) sessions_[mapping.first].previous = id;
  mapping.first = id;
  by_inside_.insert(hash(from_inside(added)), id);
  by_outside_.insert(hash(from_outside(added)), id);
  ++session_count_;
  return id;
}

bool TranslationTable::remove(SessionId id) {
  ELBLAB_REQUIRE(in_use(id), "a session to remove is one");
  Session& session = sessions_[id];
  by_inside_.erase(hash(from_inside(session)), id);
  by_outside_.erase(hash(from_outside(session)), id);
  const MappingId mapping = session.mapping;
  if (session.next != kNoTranslation) sessions_[session.next].previous = session.previous;
  (session.previous == kNoTranslation ? mappings_[mapping].first
                                      : sessions_[session.previous].next) = session.next;
  session.mapping = kNoTranslation;
  session.next = free_session_;
  free_session_ = id;
  --session_count_;
  const bool last = mappings_[mapping].first == kNoTranslation;
  if (last) remove_mapping(mapping);
  return last;
}

void TranslationTable::remove_mapping(MappingId id) {
  mappings_by_inside_.erase(hash(of_inside(mappings_[id])), id);
  mappings_by_outer_.erase(hash(of_outer(mappings_[id])), id);
  mappings_[id].first = free_mapping_;
  free_mapping_ = id;
  --mapping_count_;
}

}  // namespace elblab::middlebox
