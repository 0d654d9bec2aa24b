// NewReno's window in segments (RFC 5681, RFC 6582), with the initial window of RFC 6928 (10).
//
// What counts as congestion is decided by LossRecovery; this keeps the numbers. undo() takes a
// reduction back when the loss proved to be reordering (RFC 3522 detection, RFC 4015 response).
#pragma once

#include <algorithm>
#include <cstdint>

namespace elblab::host {

class CongestionControl {
 public:
  static constexpr std::uint32_t kInitialWindow = 10;

  std::uint32_t window() const { return window_; }
  std::uint32_t threshold() const { return threshold_; }
  bool in_slow_start() const { return window_ < threshold_; }

  // `segments` were acknowledged outside recovery while the window was the limit.
  void acknowledged(std::uint32_t segments) {
    if (in_slow_start()) {
      const std::uint32_t grown = std::min(window_ + segments, threshold_);
      segments -= grown - window_;
      window_ = grown;
    }
    counted_ += segments;
    if (counted_ >= window_) {
      counted_ -= window_;
      ++window_;
    }
  }
  void enter_recovery() {
    remember();
    threshold_ = std::max(window_ / 2, 2U);
    window_ = threshold_;
  }
  // A retransmission timeout. Later ones of the same loss (reduce false) only shrink the window.
  void timed_out(bool reduce) {
    if (reduce) {
      remember();
      threshold_ = std::max(window_ / 2, 2U);
    }
    window_ = 1;
    counted_ = 0;
  }
  void undo() {
    window_ = std::max(window_, window_before_);
    threshold_ = std::max(threshold_, threshold_before_);
  }
  // Idle for `timeouts` retransmission timeouts (RFC 2861, tcp_cwnd_restart).
  void idle(std::uint32_t timeouts) {
    const std::uint32_t restart = std::min(window_, kInitialWindow);
    threshold_ = std::max(threshold_, window_ / 2 + window_ / 4);
    window_ = std::max(timeouts < 32 ? window_ >> timeouts : 0, restart);
  }
  // SYN or SYN+ACK was lost: start from one segment (RFC 5681 §3.1).
  void handshake_lost() { window_ = 1; }

 private:
  void remember() {
    window_before_ = window_;
    threshold_before_ = threshold_;
    counted_ = 0;
  }

  std::uint32_t window_ = kInitialWindow;
  std::uint32_t threshold_ = 0x7FFFFFFF;
  std::uint32_t counted_ = 0;  // segments acknowledged towards the next increase
  std::uint32_t window_before_ = 0;
  std::uint32_t threshold_before_ = 0;
};

}  // namespace elblab::host
