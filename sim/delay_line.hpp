// Holds packets back, each for a time of its own, and gives them on in order of their due times:
// where jitter reorders. Equal due times keep the order of arrival.
//
// At most one live event; buffers are reused. hold() and each release are O(log held).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/lazy_timer.hpp"

namespace elblab::sim {

class DelayLine {
 public:
  using Release = std::function<void(std::span<std::uint8_t>)>;

  explicit DelayLine(Release release);

  // Copies the packet; `release` gets it at `due`, not earlier than now.
  void hold(std::span<const std::uint8_t> packet, Instant due);
  std::uint64_t held() const { return heap_.size(); }

 private:
  struct Entry {
    Instant due;
    std::uint64_t sequence = 0;  // breaks ties
    std::uint32_t buffer = 0;    // index into buffers_
    bool operator>(const Entry& other) const {
      return due != other.due ? due > other.due : sequence > other.sequence;
    }
  };

  std::uint32_t take_buffer();
  void release_due();

  Release release_;
  LazyTimer timer_;
  std::vector<Entry> heap_;  // smallest due first
  std::vector<std::vector<std::uint8_t>> buffers_;
  std::vector<std::uint32_t> free_buffers_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace elblab::sim
