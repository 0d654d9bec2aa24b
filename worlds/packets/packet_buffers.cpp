#include "worlds/packets/packet_buffers.hpp"

namespace elblab::worlds {

std::uint32_t PacketBuffers::take_chunk() {
  if (free_ != 0) {
    const std::uint32_t chunk = free_;
    free_ = at(chunk).next;
    at(chunk).next = at(chunk).used = 0;
    return chunk;
  }
  if (chunks_.size() >= limits_.chunks) return 0;
  chunks_.emplace_back();
  return static_cast<std::uint32_t>(chunks_.size());
}

// The ring begins with the chunk after the first rows. When it is as long as it may be, or the pool
// is empty, its oldest chunk is written anew: the one after the present one, or the ring's first.
bool PacketBuffers::next_chunk(Rows& rows) {
  const bool in_ring = rows.ring_chunk != 0;
  const std::uint32_t most = limits_.first_rows + limits_.last_rows;
  const bool may_grow = rows.held < most && (!in_ring || at(rows.chunk).next == 0);
  if (const std::uint32_t fresh = may_grow ? take_chunk() : 0; fresh != 0) {
    if (rows.first_chunk == 0) {
      rows.first_chunk = fresh;
    } else {
      at(rows.chunk).next = fresh;
    }
    if (!in_ring && rows.held >= limits_.first_rows) rows.ring_chunk = fresh;
    rows.chunk = fresh;
    return true;
  }
  if (!in_ring) return false;
  const std::uint32_t after = at(rows.chunk).next;
  rows.chunk = after != 0 ? after : rows.ring_chunk;
  rows.held -= at(rows.chunk).used;
  at(rows.chunk).used = 0;
  return true;
}

void PacketBuffers::add(Rows& rows, const PacketNote& note) {
  ++rows.seen;
  if ((rows.chunk == 0 || rows.used == kChunkRows) && !next_chunk(rows)) return;
  Chunk& chunk = at(rows.chunk);
  chunk.rows[chunk.used++] = note;
  rows.used = chunk.used;
  ++rows.held;
}

const PacketNote* PacketBuffers::last(const Rows& rows) const {
  return rows.used == 0 ? nullptr : &at(rows.chunk).rows[rows.used - 1];
}

void PacketBuffers::clear(Rows& rows) {
  for (std::uint32_t chunk = rows.first_chunk; chunk != 0;) {
    const std::uint32_t next = at(chunk).next;
    at(chunk).next = free_;
    free_ = chunk;
    chunk = next;
  }
  rows = {};
}

}  // namespace elblab::worlds
