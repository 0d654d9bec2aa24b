// The congestion window in segments: slow start and congestion avoidance (RFC 5681) from the
// initial window of RFC 6928 (10), proportional rate reduction (RFC 6937), what is undone when a
// loss proves to be none (RFC 4015), and what idleness costs (RFC 2861).
//
// What counts as congestion is decided by LossRecovery; this keeps the numbers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/host/tcp/transfer_state.hpp"

namespace elblab::host {

class CongestionControl {
 public:
  static constexpr std::uint32_t kInitialWindow = 10;
  static constexpr std::uint32_t kNoThreshold = 0x7FFFFFFF;

  std::uint32_t window() const { return window_; }
  std::uint32_t threshold() const { return threshold_; }
  bool in_slow_start() const { return window_ < threshold_; }

  // `segments` were delivered outside a reduction; grows only while the window was the limit.
  void acknowledged(std::uint32_t segments, const TransferState& transfer);
  // Whether the window is what limits the sender (RFC 7661 in spirit): it was, or slow start has
  // not used twice what was in flight yet.
  bool limited(const TransferState& transfer) const {
    return transfer.window_limited || (in_slow_start() && window_ < 2 * transfer.most_in_flight);
  }
  // The threshold as it would be without a loss now (what undo and idleness go back to).
  std::uint32_t present_threshold(bool reducing) const {
    return reducing ? threshold_ : std::max(threshold_, (window_ >> 1) + (window_ >> 2));
  }
  // A reduction begins: to half, little by little.
  void begin_reduction(TransferState& transfer) {
    counted_ = 0;
    transfer.prior_window = window_;
    transfer.reduction_delivered = transfer.reduction_sent = 0;
    threshold_ = std::max(window_ / 2, 2U);
  }
  // RFC 6937: how much may be sent after an ACK that delivered `delivered` segments.
  void reduce(TransferState& transfer, std::uint32_t delivered, std::uint32_t in_flight,
              bool progress_without_loss);
  void end_reduction() { window_ = std::min(threshold_, kNoThreshold); }
  bool reduced() const { return threshold_ < kNoThreshold; }
  // A retransmission timeout. `reduce`: it is the first of this loss.
  void timed_out(TransferState& transfer, bool reduce, bool reducing, std::uint32_t in_flight);
  void undo(TransferState& transfer);
  // Idle for longer than a retransmission timeout: `timeouts` halvings at most.
  void idle(std::uint32_t timeouts);
  // The window was not used for a retransmission timeout.
  void unused(TransferState& transfer, bool reducing);
  // The handshake was sent again, more than once: start from one segment (RFC 5681 §3.1).
  void handshake_lost() { window_ = 1; }

 private:
  std::uint32_t window_ = kInitialWindow;
  std::uint32_t threshold_ = kNoThreshold;
  std::uint32_t counted_ = 0;  // segments acknowledged towards the next increase
};

}  // namespace elblab::host
