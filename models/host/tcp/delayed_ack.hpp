// When to acknowledge, as Linux decides it (tcp_event_data_recv, __tcp_ack_snd_check,
// tcp_cleanup_rbuf): at once while in quick-ack mode (the first segments of a connection, after
// idleness, on disorder), on every second full segment, when an application has read what was
// pushed, otherwise after 40 ms or more, or with data that leaves earlier. A side that answers what
// it receives (interactive, "pingpong") loses the quick-ack mode.
//
// Milliseconds of model time, truncated to 32 bits; only differences are used.
#pragma once

#include <algorithm>
#include <cstdint>

namespace elblab::host {

class DelayedAck {
 public:
  static constexpr std::uint16_t kLeastDelay_ms = 40;
  static constexpr std::uint16_t kMostDelay_ms = 200;
  static constexpr std::uint8_t kMostQuickAcks = 16;
  static constexpr std::uint16_t kDefaultSegment = 536;
  static constexpr std::uint16_t kLeastSegment = 88;

  // The connection is established. The guess of the peer's segment size before any came is better
  // too small than too large.
  void begin(std::uint32_t segment, std::uint32_t window, std::uint32_t now_ms) {
    last_received_ms_ = now_ms;
    segment_ = static_cast<std::uint16_t>(std::max<std::uint32_t>(
        std::min({segment, window / 2, std::uint32_t{kDefaultSegment}}), kLeastSegment));
  }
  // The size of a segment that came, in order or not. `header`: of TCP, `plain_header` without
  // SACKs; `pushed`: with PSH. True: the guess has changed.
  bool measure(std::uint16_t bytes, std::uint16_t largest, std::uint32_t header,
               std::uint32_t plain_header, bool pushed, bool finished) {
    const std::uint16_t last = last_segment_;
    last_segment_ = 0;
    if (bytes >= segment_) {
      const bool changed = bytes != segment_;
      segment_ = std::min(bytes, largest);
      if (pushed) pushed_ = true;
      return changed;
    }
    const std::uint32_t whole = bytes + header;
    constexpr std::uint32_t kBareHeader = 20;
    if (whole >= kDefaultSegment + kBareHeader ||
        (whole >= kLeastSegment + kBareHeader && !pushed && !finished)) {
      last_segment_ = static_cast<std::uint16_t>(whole - plain_header);
      if (last_segment_ == last) {
        segment_ = last_segment_;
        return false;
      }
    }
    if (pushed_) pushed_again_ = true;
    pushed_ = true;
    return false;
  }
  // Payload came in order. `window` is the receive window offered, `timeout_ms` the present RTO.
  void received(std::uint32_t window, std::uint32_t now_ms, std::uint32_t timeout_ms) {
    scheduled_ = true;
    const std::uint32_t gap = now_ms - last_received_ms_;
    if (delay_ms_ == 0) {
      enter_quick(window);
      delay_ms_ = kLeastDelay_ms;
    } else if (gap <= kLeastDelay_ms / 2U) {
      delay_ms_ = static_cast<std::uint16_t>((delay_ms_ >> 1) + kLeastDelay_ms / 2);
    } else if (gap < delay_ms_) {
      delay_ms_ = static_cast<std::uint16_t>(
          std::min({(delay_ms_ >> 1) + gap, timeout_ms, std::uint32_t{kMostDelay_ms}}));
    } else if (gap > timeout_ms) {
      enter_quick(window);
    }
    last_received_ms_ = now_ms;
  }
  // Something must be acknowledged, without hurry (a FIN).
  void schedule() { scheduled_ = true; }
  // Disorder: acknowledge at once for a while (tcp_enter_quickack_mode).
  void hurry(std::uint32_t window) {
    scheduled_ = true;
    interactive_ = false;
    delay_ms_ = kLeastDelay_ms;
    enter_quick(window);
  }
  void set_interactive() { interactive_ = true; }
  // The window has grown: the peer hears of it.
  void tell_growth() { quick_ |= 1U; }
  // Memory is short.
  void stop_quick() { quick_ = 0; }
  // Payload left, carrying the acknowledgment with it.
  void data_sent(std::uint32_t now_ms) {
    if (now_ms - last_received_ms_ < delay_ms_) interactive_ = true;
  }
  void ack_sent() {
    if (scheduled_ && quick_ > 0) {
      if (--quick_ == 0) delay_ms_ = kLeastDelay_ms;
    }
    scheduled_ = pushed_ = pushed_again_ = false;
  }
  // The delayed acknowledgment leaves: nothing was answered in time, so do not count on it.
  void missed(std::uint32_t timeout_ms) {
    if (interactive_) {
      interactive_ = false;
      delay_ms_ = kLeastDelay_ms;
    } else {
      delay_ms_ = static_cast<std::uint16_t>(
          std::min<std::uint32_t>({2U * delay_ms_, timeout_ms, std::uint32_t{UINT16_MAX}}));
    }
  }
  bool scheduled() const { return scheduled_; }
  bool quick() const { return quick_ > 0 && !interactive_; }
  // More than a full segment waits to be acknowledged.
  bool full(std::uint32_t unacknowledged) const { return unacknowledged > segment_; }
  // The application has read all: acknowledge if the sender seems to have nothing more for now.
  bool due_after_reading() const { return pushed_again_ || (pushed_ && !interactive_); }
  std::uint16_t segment() const { return segment_; }
  // For how long an acknowledgment may wait. `round_trip_ms`: smoothed; 0: unknown.
  std::uint32_t delay_ms(std::uint32_t round_trip_ms) const {
    if (delay_ms_ <= kLeastDelay_ms) return delay_ms_;
    std::uint32_t most = interactive_ || pushed_ ? kMostDelay_ms : 500U;
    if (round_trip_ms > 0) {
      most = std::min(most, std::max<std::uint32_t>(round_trip_ms, kLeastDelay_ms));
    }
    return std::min({std::uint32_t{delay_ms_}, most, std::uint32_t{kMostDelay_ms}});
  }

 private:
  void enter_quick(std::uint32_t window) {
    const std::uint32_t wanted =
        std::min<std::uint32_t>(std::max(window / (2U * segment_), 1U), kMostQuickAcks);
    quick_ = std::max<std::uint8_t>(
        quick_, static_cast<std::uint8_t>(window < 2U * segment_ ? 2U : wanted));
  }

  std::uint32_t last_received_ms_ = 0;
  std::uint16_t delay_ms_ = 0;
  std::uint16_t segment_ = kDefaultSegment;
  std::uint16_t last_segment_ = 0;
  std::uint8_t quick_ : 5 = 0;
  bool interactive_ : 1 = false;
  bool scheduled_ : 1 = false;
  bool pushed_ : 1 = false;
  bool pushed_again_ : 1 = false;
};

}  // namespace elblab::host
