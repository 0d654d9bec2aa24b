#include "analysis/trace/record_ring.hpp"

namespace elblab::trace {

// Not zeroed: a run that records little touches little of it.
RecordRing::RecordRing() : bytes_(new std::byte[kCapacity]) {}

void RecordRing::begin_chunk() {
  if (const std::uint64_t rest = chunk_end_ - cursor_; rest > 0) {
    // Records and chunks are multiples of 8, so a header fits into any rest.
    const RecordHeader padding{RecordTag::padding, static_cast<std::uint32_t>(rest)};
    std::memcpy(bytes_.get() + cursor_ % kCapacity, &padding, sizeof padding);
    cursor_ = chunk_end_;
    published_.store(cursor_, std::memory_order_release);
  }
  chunk_end_ += kChunkBytes;
  std::unique_lock lock(mutex_);
  full_until_ = cursor_;
  full_chunk_.notify_one();
  free_chunk_.wait(lock, [this] { return chunk_end_ <= free_until_; });
}

void RecordRing::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  full_chunk_.notify_one();
}

RecordRing::Taken RecordRing::take(std::chrono::milliseconds patience) {
  Taken result;
  {
    std::unique_lock lock(mutex_);
    full_chunk_.wait_for(lock, patience, [this] { return closed_ || full_until_ > taken_; });
    result.closed = closed_;
  }
  const std::uint64_t chunk_end = (taken_ / kChunkBytes + 1) * kChunkBytes;
  taken_end_ = std::min(published_.load(std::memory_order_acquire), chunk_end);
  result.bytes = {bytes_.get() + taken_ % kCapacity, static_cast<std::size_t>(taken_end_ - taken_)};
  return result;
}

void RecordRing::release() {
  const bool left_chunk = taken_ / kChunkBytes != taken_end_ / kChunkBytes;
  taken_ = taken_end_;
  if (!left_chunk) return;
  const std::lock_guard lock(mutex_);
  free_until_ = taken_ + kCapacity;
  free_chunk_.notify_one();
}

}  // namespace elblab::trace
