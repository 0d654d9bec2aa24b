#include "sim/delay_line.hpp"

#include <algorithm>
#include <utility>

namespace elblab::sim {

DelayLine::DelayLine(Release release)
    : release_(std::move(release)), timer_(this, &LazyTimer::call<&DelayLine::release_due>) {}

void DelayLine::hold(std::span<const std::uint8_t> packet, Instant due) {
  const std::uint32_t buffer = take_buffer();
  buffers_[buffer].assign(packet.begin(), packet.end());
  heap_.push_back({due, next_sequence_++, buffer});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
  timer_.arm(due);
}

std::uint32_t DelayLine::take_buffer() {
  if (free_buffers_.empty()) {
    buffers_.emplace_back();
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }
  const std::uint32_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  return buffer;
}

void DelayLine::release_due() {
  const Instant present = now();
  while (!heap_.empty() && heap_.front().due <= present) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
    const std::uint32_t buffer = heap_.back().buffer;
    heap_.pop_back();
    // Moved out: whoever gets the packet may hold another one meanwhile and grow buffers_.
    std::vector<std::uint8_t> packet = std::move(buffers_[buffer]);
    release_(packet);
    buffers_[buffer] = std::move(packet);
    free_buffers_.push_back(buffer);
  }
  if (!heap_.empty()) timer_.arm(heap_.front().due);
}

}  // namespace elblab::sim
