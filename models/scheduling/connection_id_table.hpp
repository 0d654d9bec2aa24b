// Which server gave out which QUIC connection ID: at most `capacity` of them.
//
// Only what servers send teaches the table (learn()), so a client cannot put anything into it; but
// a flood of handshakes makes servers give out IDs, one each. So an ID is on trial until a client
// uses it, which it can do only if it got the server's answer: IDs on trial have an eighth of the
// room and only ever push out the oldest on trial; used ones push out the one that was used longest
// ago. Memory is taken as IDs come, up to the capacity: 36 bytes per ID (up to 72 while the vector
// of them has room to grow) and at most 13.4 for the index.
//
// An ID that is known stays with its server: a server that sends back what it was sent would
// otherwise take other connections over. Lookup and learning are O(1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/scheduling/age_queue.hpp"
#include "models/tables/handle_index.hpp"

namespace elblab::scheduling {

class ConnectionIdTable {
 public:
  static constexpr std::size_t kLongestId = 20;  // of QUIC version 1 (RFC 9000 section 17.2)

  // id_bytes: how long servers make their IDs, 1..kLongestId; others are not kept. hash_seed: drawn
  // for the run, so that nobody can choose IDs that meet in one place.
  ConnectionIdTable(std::size_t id_bytes, std::uint32_t capacity, std::uint64_t hash_seed);

  // A server gave out this ID. Does nothing when the ID is known or of another length.
  void learn(std::span<const std::uint8_t> id, std::uint16_t server);
  // A client uses the ID: whose it is; nullopt when not known.
  std::optional<std::uint16_t> use(std::span<const std::uint8_t> id);
  // As use(), without its being counted as a use.
  std::optional<std::uint16_t> holder(std::span<const std::uint8_t> id) const;
  void clear();

  std::size_t id_bytes() const { return id_bytes_; }
  std::size_t size() const { return index_.size(); }
  std::size_t on_trial() const { return trial_.size(); }
  std::size_t capacity() const { return capacity_; }
  std::size_t memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + index_.memory_bytes();
  }

 private:
  using Handle = tables::HandleIndex::Handle;
  static constexpr Handle kNone = tables::HandleIndex::kNone;

  struct Entry {
    std::array<std::uint8_t, kLongestId> id{};  // the first id_bytes of it
    std::uint32_t hash = 0;
    Handle newer = kNone;  // in its queue; of free entries: the next free
    Handle older = kNone;
    std::uint16_t server = 0;
    bool used = false;
  };
  using Queue = AgeQueue<Entry>;

  Handle find(std::span<const std::uint8_t> id) const;
  std::uint32_t hash(std::span<const std::uint8_t> id) const;
  void forget_oldest(Queue& queue);
  // A new ID, on trial.
  void add(std::span<const std::uint8_t> id, std::uint16_t server);

  // Room for a new ID: one that was given back, or one more.
  Handle take_entry();

  std::size_t id_bytes_;
  std::uint64_t seed_;
  std::size_t capacity_;
  std::size_t most_on_trial_;
  std::vector<Entry> entries_;  // at most capacity_
  tables::HandleIndex index_;
  Queue trial_;
  Queue used_;
  Handle free_ = kNone;
};

}  // namespace elblab::scheduling
