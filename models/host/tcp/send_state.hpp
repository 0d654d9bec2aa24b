// What a connection needs while it has something to send: queued bytes, segments in flight and
// the state of loss recovery. Pooled; a connection holds one from its first queued byte (or FIN)
// until everything is acknowledged.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/host/tcp/send_buffer.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

// A segment as it was sent; retransmissions keep its boundaries.
struct SentSegment {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;  // counts the FIN
  Instant sent_at;        // the last time
  bool fin : 1 = false;
  bool sacked : 1 = false;
  bool lost : 1 = false;
  bool resent : 1 = false;       // a retransmission is in flight
  bool ever_resent : 1 = false;  // no RTT sample (Karn)

  std::uint32_t bytes() const { return end - begin - (fin ? 1 : 0); }
};

// A queue in a ring of a power of two slots. Grows, never shrinks; pooled with its owner.
class SegmentQueue {
 public:
  void clear() { head_ = size_ = 0; }
  bool empty() const { return size_ == 0; }
  std::uint32_t size() const { return size_; }
  SentSegment& operator[](std::uint32_t i) { return ring_[(head_ + i) & (ring_.size() - 1)]; }
  const SentSegment& operator[](std::uint32_t i) const {
    return ring_[(head_ + i) & (ring_.size() - 1)];
  }
  SentSegment& front() { return (*this)[0]; }
  SentSegment& back() { return (*this)[size_ - 1]; }
  void push(const SentSegment& segment) {
    if (size_ == ring_.size()) grow();
    ring_[(head_ + size_++) & (ring_.size() - 1)] = segment;
  }
  // Behind this one.
  void insert_after(std::uint32_t index, const SentSegment& segment);
  void erase(std::uint32_t index);
  void pop() {
    head_ = (head_ + 1) & static_cast<std::uint32_t>(ring_.size() - 1);
    --size_;
  }
  std::size_t memory_bytes() const { return ring_.capacity() * sizeof(SentSegment); }

 private:
  void grow();

  std::vector<SentSegment> ring_;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

struct SendState {
  SendBuffer buffer;
  SegmentQueue segments;     // sent, not yet acknowledged cumulatively
  std::uint32_t sacked = 0;  // without SACK: duplicate ACKs stand in for them (RFC 6582)
  std::uint32_t lost = 0;
  std::uint32_t resent = 0;
  std::uint32_t highest_sacked = 0;  // end of the highest one; means something while sacked > 0

  void reset(std::uint64_t stream_offset);
  // A segment becomes two, the first of `bytes`. O(flight).
  void split(std::uint32_t index, std::uint32_t bytes);
  // A segment takes in the one behind it. O(flight).
  void join(std::uint32_t index);
  std::uint32_t in_flight() const {
    const std::uint32_t gone = sacked + lost;
    return (segments.size() > gone ? segments.size() - gone : 0) + resent;
  }
};

class SendStatePool {
 public:
  // O(1) as a rule; the state is reset to the offset.
  std::uint32_t acquire(std::uint64_t stream_offset);
  void release(std::uint32_t index) { free_.push_back(index); }
  SendState& at(std::uint32_t index) { return *states_[index]; }
  const SendState& at(std::uint32_t index) const { return *states_[index]; }
  std::size_t memory_bytes() const;

 private:
  std::vector<std::unique_ptr<SendState>> states_;
  std::vector<std::uint32_t> free_;
};

}  // namespace elblab::host
