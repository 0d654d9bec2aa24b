#include "live/shaped_line.hpp"

#include <algorithm>
#include <cmath>

namespace elblab::live {

using telemetry::Reason;

ShapedLine::ShapedLine(const language::Link& link, const random::Stream& stream, LineExit& exit)
    : exit_(exit),
      impairment_(stream, link.loss, link.jitter),
      nanoseconds_per_byte_(8e9 / link.rate_bits_per_second),
      delay_(link.delay),
      queue_packets_(link.queue_packets) {}

bool ShapedLine::enter(std::span<const std::uint8_t> packet, Instant now) {
  ++counters_.entered;
  if (!up_) {
    drop(packet, Reason::link_down, now);
    return false;
  }
  const Instant start = std::max(now, busy_until_);
  if (start > now && !waits(start, now)) {
    drop(packet, Reason::link_queue_full, now);
    return false;
  }
  const Instant due = transmit(packet.size(), start) + delay_;
  if (due > now + kGrain || held_on_medium_ > 0) {
    held_.hold(packet, due, on_medium);
    ++held_on_medium_;
    return false;
  }
  return come_out(packet, now, now);
}

Instant ShapedLine::transmit(std::size_t bytes, Instant start) {
  const double nanoseconds = static_cast<double>(bytes) * nanoseconds_per_byte_;
  busy_until_ = start + Duration{std::llround(nanoseconds)};
  return busy_until_;
}

// Enters the queue; false when it is full.
bool ShapedLine::waits(Instant start, Instant now) {
  while (!waiting_.empty() && waiting_.front() <= now) waiting_.pop();
  if (waiting_.size() >= queue_packets_) return false;
  waiting_.push(start);
  return true;
}

bool ShapedLine::come_out(std::span<const std::uint8_t> packet, Instant due, Instant now) {
  if (!up_) {
    drop(packet, Reason::link_down, now);
    return false;
  }
  if (impairment_.loses()) {
    drop(packet, Reason::link_loss, now);
    return false;
  }
  if (impairment_.holds()) {
    held_.hold(packet, due + impairment_.hold(), held_back);
    return false;
  }
  ++counters_.left;
  return true;
}

void ShapedLine::advance(Instant now) {
  held_.reclaim();
  while (held_.next_due() <= now) {
    const HeldPackets::Released released = held_.pop();
    if (released.stage == on_medium) {
      --held_on_medium_;
      if (!come_out(released.packet, released.due, now)) continue;
    } else if (!up_) {
      drop(released.packet, Reason::link_down, now);
      continue;
    } else {
      ++counters_.left;
    }
    exit_.released(released.packet, now);
  }
}

void ShapedLine::drop(std::span<const std::uint8_t> packet, Reason reason, Instant now) {
  switch (reason) {
    case Reason::link_queue_full:
      ++counters_.dropped_queue_full;
      break;
    case Reason::link_loss:
      ++counters_.dropped_loss;
      break;
    default:
      ++counters_.dropped_down;
      break;
  }
  exit_.dropped(packet, reason, now);
}

}  // namespace elblab::live
