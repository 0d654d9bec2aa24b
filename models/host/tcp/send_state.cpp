#include "models/host/tcp/send_state.hpp"

namespace elblab::host {

void SegmentQueue::grow() {
  std::vector<SentSegment> bigger(ring_.empty() ? 4 : 2 * ring_.size());
  for (std::uint32_t i = 0; i < size_; ++i) bigger[i] = (*this)[i];
  ring_.swap(bigger);
  head_ = 0;
}

void SendState::reset(std::uint64_t stream_offset) {
  buffer.reset(stream_offset);
  segments.clear();
  sacked = lost = resent = duplicate_acks = 0;
  phase = RecoveryPhase::open;
  highest_sacked_valid = undo_possible = rack_valid = probe_outstanding = false;
  first_resent_ms = 0;
  first_retransmission = kNever;
}

std::uint32_t SendStatePool::acquire(std::uint64_t stream_offset) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(states_.size()));
    states_.push_back(std::make_unique<SendState>());
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  states_[index]->reset(stream_offset);
  return index;
}

std::size_t SendStatePool::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& state : states_) {
    bytes += sizeof(SendState) + state->buffer.memory_bytes() + state->segments.memory_bytes();
  }
  return bytes;
}

}  // namespace elblab::host
