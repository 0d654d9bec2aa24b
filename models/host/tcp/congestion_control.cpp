#include "models/host/tcp/congestion_control.hpp"

namespace elblab::host {

void CongestionControl::acknowledged(std::uint32_t segments, const TransferState& transfer) {
  if (!limited(transfer)) return;
  if (in_slow_start()) {
    const std::uint32_t grown = std::min(window_ + segments, threshold_);
    segments -= grown - window_;
    window_ = grown;
    if (segments == 0) return;
  }
  if (counted_ >= window_) {
    counted_ = 0;
    ++window_;
  }
  counted_ += segments;
  if (counted_ >= window_) {
    const std::uint32_t more = counted_ / window_;
    counted_ -= more * window_;
    window_ += more;
  }
}

void CongestionControl::reduce(TransferState& transfer, std::uint32_t delivered,
                               std::uint32_t in_flight, bool progress_without_loss) {
  if (delivered == 0 || transfer.prior_window == 0) return;
  transfer.reduction_delivered += delivered;
  const auto room = static_cast<std::int64_t>(threshold_) - static_cast<std::int64_t>(in_flight);
  const auto sent = static_cast<std::int64_t>(transfer.reduction_sent);
  std::int64_t allowed = 0;
  if (room < 0) {  // proportional part
    const std::uint64_t share =
        std::uint64_t{threshold_} * transfer.reduction_delivered + transfer.prior_window - 1;
    allowed = static_cast<std::int64_t>(share / transfer.prior_window) - sent;
  } else {  // slow start up to the threshold
    allowed = std::max(static_cast<std::int64_t>(transfer.reduction_delivered) - sent,
                       static_cast<std::int64_t>(delivered));
    if (progress_without_loss) ++allowed;
    allowed = std::min(room, allowed);
  }
  // The first retransmission is sent in any case.
  allowed = std::max<std::int64_t>(allowed, transfer.reduction_sent != 0 ? 0 : 1);
  window_ = in_flight + static_cast<std::uint32_t>(allowed);
}

void CongestionControl::timed_out(TransferState& transfer, bool reduce, bool reducing,
                                  std::uint32_t in_flight) {
  if (reduce) {
    transfer.prior_threshold = present_threshold(reducing);
    transfer.prior_window = window_;
    threshold_ = std::max(window_ / 2, 2U);
  }
  window_ = in_flight + 1;
  counted_ = 0;
}

void CongestionControl::undo(TransferState& transfer) {
  if (transfer.prior_threshold == 0) return;
  window_ = std::max(window_, transfer.prior_window);
  threshold_ = std::max(threshold_, transfer.prior_threshold);
}

void CongestionControl::idle(std::uint32_t timeouts) {
  const std::uint32_t restart = std::min(window_, kInitialWindow);
  threshold_ = present_threshold(false);
  window_ = std::max(timeouts < 32 ? window_ >> timeouts : 0, restart);
}

void CongestionControl::unused(TransferState& transfer, bool reducing) {
  const std::uint32_t used = std::max(transfer.used_window, kInitialWindow);
  if (used < window_) {
    threshold_ = present_threshold(reducing);
    window_ = (window_ + used) >> 1;
  }
  transfer.used_window = 0;
}

}  // namespace elblab::host
