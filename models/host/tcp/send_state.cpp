#include "models/host/tcp/send_state.hpp"

namespace elblab::host {

void SegmentQueue::grow() {
  std::vector<SentSegment> bigger(ring_.empty() ? 4 : 2 * ring_.size());
  for (std::uint32_t i = 0; i < size_; ++i) bigger[i] = (*this)[i];
  ring_.swap(bigger);
  head_ = 0;
}

void SegmentQueue::insert_after(std::uint32_t index, const SentSegment& segment) {
  push(segment);
  for (std::uint32_t i = size_ - 1; i > index + 1; --i) (*this)[i] = (*this)[i - 1];
  (*this)[index + 1] = segment;
}

void SegmentQueue::erase(std::uint32_t index) {
  for (std::uint32_t i = index; i + 1 < size_; ++i) (*this)[i] = (*this)[i + 1];
  --size_;
}

void SendState::split(std::uint32_t index, std::uint32_t bytes) {
  SentSegment rest = segments[index];
  SentSegment& first = segments[index];
  first.end = first.begin + bytes;
  first.fin = false;
  rest.begin = first.end;
  if (rest.sacked) ++sacked;
  if (rest.lost) ++lost;
  if (rest.resent) ++resent;
  segments.insert_after(index, rest);
}

void SendState::join(std::uint32_t index) {
  const SentSegment next = segments[index + 1];
  if (next.lost) --lost;
  if (next.resent) --resent;
  SentSegment& first = segments[index];
  first.end = next.end;
  first.fin = next.fin;
  first.ever_resent = first.ever_resent || next.ever_resent;
  segments.erase(index + 1);
}

void SendState::reset(std::uint64_t stream_offset) {
  buffer.reset(stream_offset);
  segments.clear();
  sacked = lost = resent = highest_sacked = 0;
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
