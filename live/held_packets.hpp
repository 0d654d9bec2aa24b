// Packets held back until they are due, given out in order of their due times; equal due times keep
// the order of arrival.
//
// Packets are copied into buffers that go round. hold() and pop() are O(log held). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::live {

class HeldPackets {
 public:
  // `stage` is the caller's: how far the packet has come.
  void hold(std::span<const std::uint8_t> packet, Instant due, std::uint8_t stage);
  bool empty() const { return heap_.empty(); }
  std::uint64_t size() const { return heap_.size(); }
  Instant next_due() const { return heap_.empty() ? kNever : heap_.front().due; }

  struct Released {
    std::span<std::uint8_t> packet;  // until reclaim()
    Instant due;
    std::uint8_t stage = 0;
  };
  // The packet that is due first; there must be one.
  Released pop();
  // Buffers of the packets given out so far may be used again.
  void reclaim();

 private:
  struct Entry {
    Instant due;
    std::uint64_t sequence = 0;  // breaks ties
    std::uint32_t buffer = 0;    // index into buffers_
    std::uint8_t stage = 0;
    bool operator>(const Entry& other) const {
      return due != other.due ? due > other.due : sequence > other.sequence;
    }
  };

  std::uint32_t take_buffer();

  std::vector<Entry> heap_;  // smallest due first
  std::vector<std::vector<std::uint8_t>> buffers_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> released_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace elblab::live
