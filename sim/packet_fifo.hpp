// Packets on their way, first in first out, in pooled memory.
//
// A packet's record (due time, length, bytes) is written once into a chunk and handed out in place;
// chunks go round: a used-up one becomes the next to be filled. Short packets thus share cache
// lines instead of each taking a buffer of the largest size, and nothing is allocated once the
// queue has been as long as it gets. A record never moves: the span of front() stays valid while
// packets are pushed. push, front and pop are O(1) plus the copy.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::sim {

class PacketFifo {
 public:
  static constexpr std::size_t kLargestPacket = 65535;

  PacketFifo();

  void push(std::span<const std::uint8_t> packet, Instant due);
  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }
  // Of the oldest packet; there must be one.
  Instant front_due() const { return front_record()->due; }
  std::span<std::uint8_t> front();
  void pop();

 private:
  struct Record {
    Instant due;
    std::uint32_t length = 0;  // kSkip: the rest of this chunk is unused
  };
  static constexpr std::size_t kChunkBytes = std::size_t{1} << 17;
  static constexpr std::uint32_t kSkip = 0xFFFFFFFF;

  using Chunk = std::unique_ptr<std::uint8_t[]>;

  static std::size_t record_bytes(std::size_t length) {
    return (sizeof(Record) + length + 7) & ~std::size_t{7};
  }
  const Record* front_record() const {
    return reinterpret_cast<const Record*>(chunks_.front().get() + read_at_);
  }
  void start_chunk();
  void skip_to_next_chunk();

  std::deque<Chunk> chunks_;  // oldest first; the last one is being written
  std::vector<Chunk> free_chunks_;
  std::size_t read_at_ = 0;
  std::size_t write_at_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace elblab::sim
