// When to acknowledge, as Linux decides it (tcp_event_data_recv, __tcp_ack_snd_check): at once
// while in quick-ack mode (the first segments of a connection, after idleness, on disorder), on
// every second full segment, otherwise after 40 ms or more, or with data that leaves earlier.
// A side that answers what it receives (interactive, "pingpong") loses the quick-ack mode.
//
// Milliseconds of model time, truncated to 32 bits; only differences are used.
#pragma once

#include <algorithm>
#include <cstdint>

namespace elblab::host {

class DelayedAck {
 public:
  static constexpr std::uint16_t kLeastDelay_ms = 40;
  static constexpr std::uint8_t kMostQuickAcks = 16;

  // Payload arrived. `window` is the receive window offered, `timeout_ms` the present RTO.
  void received(std::uint16_t bytes, std::uint32_t window, std::uint32_t now_ms,
                std::uint32_t timeout_ms) {
    scheduled_ = true;
    largest_segment_ = std::max(largest_segment_, bytes);
    const std::uint32_t gap = now_ms - last_received_ms_;
    if (delay_ms_ == 0) {
      enter_quick(window);
      delay_ms_ = kLeastDelay_ms;
    } else if (gap <= kLeastDelay_ms / 2U) {
      delay_ms_ = static_cast<std::uint16_t>((delay_ms_ >> 1) + kLeastDelay_ms / 2);
    } else if (gap < delay_ms_) {
      delay_ms_ = static_cast<std::uint16_t>(std::min((delay_ms_ >> 1) + gap, timeout_ms));
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
  // Payload left, carrying the acknowledgment with it.
  void data_sent(std::uint32_t now_ms) {
    if (now_ms - last_received_ms_ < delay_ms_) interactive_ = true;
  }
  void ack_sent() {
    if (scheduled_ && quick_ > 0) --quick_;
    scheduled_ = false;
  }
  bool scheduled() const { return scheduled_; }
  // `unacknowledged` bytes received since the last ACK left.
  bool due(std::uint32_t unacknowledged) const {
    return scheduled_ && (unacknowledged > largest_segment_ || (quick_ > 0 && !interactive_));
  }
  std::uint16_t delay_ms() const { return std::max(delay_ms_, kLeastDelay_ms); }

 private:
  void enter_quick(std::uint32_t window) {
    const std::uint32_t segment = std::max<std::uint32_t>(largest_segment_, 536);
    const std::uint32_t wanted =
        std::clamp<std::uint32_t>(window / (2 * segment), 2, kMostQuickAcks);
    quick_ = std::max(quick_, static_cast<std::uint8_t>(wanted));
  }

  std::uint32_t last_received_ms_ = 0;
  std::uint16_t delay_ms_ = 0;
  std::uint16_t largest_segment_ = 0;
  std::uint8_t quick_ = 0;
  bool interactive_ = false;
  bool scheduled_ = false;
};

}  // namespace elblab::host
