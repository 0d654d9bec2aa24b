#include "sim/packet_fifo.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace elblab::sim {

PacketFifo::PacketFifo() { start_chunk(); }

void PacketFifo::push(std::span<const std::uint8_t> packet, Instant due) {
  const std::size_t needed = record_bytes(packet.size());
  // Room for the mark that ends a chunk is always kept.
  if (write_at_ + needed + sizeof(Record) > kChunkBytes) {
    new (chunks_.back().get() + write_at_) Record{due, kSkip};
    start_chunk();
  }
  std::uint8_t* place = chunks_.back().get() + write_at_;
  new (place) Record{due, static_cast<std::uint32_t>(packet.size())};
  std::copy(packet.begin(), packet.end(), place + sizeof(Record));  // also of an empty packet
  write_at_ += needed;
  if (size_++ == 0) skip_to_next_chunk();
}

std::span<std::uint8_t> PacketFifo::front() {
  return {chunks_.front().get() + read_at_ + sizeof(Record), front_record()->length};
}

void PacketFifo::pop() {
  read_at_ += record_bytes(front_record()->length);
  --size_;
  if (size_ > 0) {
    skip_to_next_chunk();
  } else if (chunks_.size() == 1) {
    read_at_ = 0;  // empty: begin again at warm memory
    write_at_ = 0;
  }
}

// Keeps front_record() on a packet whenever there is one.
void PacketFifo::skip_to_next_chunk() {
  if (front_record()->length != kSkip) return;
  free_chunks_.push_back(std::move(chunks_.front()));
  chunks_.pop_front();
  read_at_ = 0;
}

void PacketFifo::start_chunk() {
  if (free_chunks_.empty()) {
    chunks_.push_back(Chunk(new std::uint8_t[kChunkBytes]));
  } else {
    chunks_.push_back(std::move(free_chunks_.back()));
    free_chunks_.pop_back();
  }
  write_at_ = 0;
}

}  // namespace elblab::sim
