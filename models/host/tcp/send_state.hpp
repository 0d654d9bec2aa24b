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
  bool resent : 1 = false;       // lost, and a retransmission is in flight
  bool ever_resent : 1 = false;  // no RTT sample (Karn)
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

enum class RecoveryPhase : std::uint8_t { open, recovery, loss };

struct SendState {
  SendBuffer buffer;
  SegmentQueue segments;  // sent, not yet acknowledged cumulatively
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;
  std::uint32_t resent = 0;
  std::uint32_t duplicate_acks = 0;  // stand in for SACKs when there are none (RFC 6582)
  RecoveryPhase phase = RecoveryPhase::open;
  std::uint32_t recovery_point = 0;  // SND.NXT when recovery began
  std::uint32_t highest_sacked = 0;  // end of the highest segment delivered so far
  bool highest_sacked_valid = false;
  bool undo_possible = false;
  std::uint32_t first_resent_ms = 0;  // TSval clock at the first retransmission of this recovery
  // RACK (RFC 8985): the most recently sent segment known to be delivered.
  bool rack_valid = false;
  Instant rack_sent_at;
  std::uint32_t rack_end = 0;
  Duration rack_round_trip{};
  Instant first_retransmission = kNever;  // of the present run of timeouts (retrans_stamp)
  bool probe_outstanding = false;         // a tail loss probe was sent in this flight
  std::uint32_t probe_end = 0;

  void reset(std::uint64_t stream_offset);
  std::uint32_t in_flight() const {
    const std::uint32_t gone = sacked + lost + duplicate_acks;
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
