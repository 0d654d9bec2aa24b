#include "live/held_packets.hpp"

#include <algorithm>
#include <functional>

namespace elblab::live {

void HeldPackets::hold(std::span<const std::uint8_t> packet, Instant due, std::uint8_t stage) {
  const std::uint32_t buffer = take_buffer();
  buffers_[buffer].assign(packet.begin(), packet.end());
  heap_.push_back({due, next_sequence_++, buffer, stage});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
}

HeldPackets::Released HeldPackets::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
  const Entry entry = heap_.back();
  heap_.pop_back();
  released_.push_back(entry.buffer);
  return {buffers_[entry.buffer], entry.due, entry.stage};
}

void HeldPackets::reclaim() {
  free_.insert(free_.end(), released_.begin(), released_.end());
  released_.clear();
}

std::uint32_t HeldPackets::take_buffer() {
  if (free_.empty()) {
    buffers_.emplace_back();
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }
  const std::uint32_t buffer = free_.back();
  free_.pop_back();
  return buffer;
}

}  // namespace elblab::live
