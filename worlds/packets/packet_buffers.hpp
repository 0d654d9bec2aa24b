// The memory of a packet log: the rows of many connections, of each the first ones and the last
// ones, in chunks out of one bounded pool.
//
// A row costs 40 bytes. Appending is O(1); nothing is allocated once the pool has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/telemetry/recorder.hpp"

namespace elblab::worlds {

// A row without its endpoints, which are those of its connection.
struct PacketNote {
  Instant at;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint32_t timestamp_value = 0;
  std::uint32_t timestamp_echo = 0;
  telemetry::ObjectId object = 0;
  std::uint16_t window = 0;
  std::uint16_t payload_bytes = 0;
  std::uint16_t mss = 0;
  telemetry::PacketAction action = telemetry::PacketAction::sent;
  telemetry::Reason reason = telemetry::Reason::none;
  std::uint8_t tcp_flags = 0;
  bool has_timestamps : 1 = false;
  bool to_client : 1 = false;
  std::uint8_t stage : 2 = 0;  // of its connection's flows: 0 the client's, then as translated
};
static_assert(sizeof(PacketNote) == 40);

class PacketBuffers {
 public:
  static constexpr std::uint32_t kChunkRows = 16;

  // Per connection the first and the last rows that are kept, whole chunks of them.
  struct Limits {
    std::uint32_t first_rows = 128;
    std::uint32_t last_rows = 128;
    std::size_t chunks = 131'072;  // of 16 rows in all: 84 MB
  };

  // One connection's rows; belongs to its owner, who gives it to clear() in the end.
  struct Rows {
    std::uint32_t first_chunk = 0;  // chunks count from 1; 0: none
    std::uint32_t ring_chunk = 0;   // the first chunk of the last rows, which are a ring
    std::uint32_t chunk = 0;        // where the next row goes, or went last
    std::uint32_t used = 0;         // rows of that chunk
    std::uint32_t held = 0;         // rows in first rows and ring
    std::uint64_t seen = 0;         // ever
  };

  explicit PacketBuffers(const Limits& limits) : limits_(limits) {}

  // Whether the pool has room for another connection.
  bool has_room() const { return free_ != 0 || chunks_.size() < limits_.chunks; }
  void add(Rows& rows, const PacketNote& note);
  // The last row that was added; nullptr: none.
  const PacketNote* last(const Rows& rows) const;
  // Rows in their order: visit(const PacketNote&).
  template <class Visit>
  void each(const Rows& rows, Visit visit) const;
  void clear(Rows& rows);

 private:
  struct Chunk {
    PacketNote rows[kChunkRows];
    std::uint32_t next = 0;
    std::uint32_t used = 0;
  };

  Chunk& at(std::uint32_t chunk) { return chunks_[chunk - 1]; }
  const Chunk& at(std::uint32_t chunk) const { return chunks_[chunk - 1]; }
  std::uint32_t take_chunk();
  // Makes room for one row in rows.chunk. False: the row cannot be kept.
  bool next_chunk(Rows& rows);

  Limits limits_;
  std::vector<Chunk> chunks_;
  std::uint32_t free_ = 0;
};

// The first rows in the order of chunks; of a ring that has come round, the part behind the place
// where the next row goes is the older one.
template <class Visit>
void PacketBuffers::each(const Rows& rows, Visit visit) const {
  const auto visit_chunk = [&](std::uint32_t chunk) {
    for (std::uint32_t i = 0; i < at(chunk).used; ++i) visit(at(chunk).rows[i]);
  };
  std::uint32_t chunk = rows.first_chunk;
  for (; chunk != 0 && chunk != rows.ring_chunk; chunk = at(chunk).next) visit_chunk(chunk);
  if (chunk == 0) return;
  for (chunk = at(rows.chunk).next; chunk != 0; chunk = at(chunk).next) visit_chunk(chunk);
  for (chunk = rows.ring_chunk; chunk != rows.chunk; chunk = at(chunk).next) visit_chunk(chunk);
  visit_chunk(rows.chunk);
}

}  // namespace elblab::worlds
