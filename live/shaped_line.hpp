// One direction of a link in user space: rate, queue, delay, loss and jitter, as sim/'s links do
// it.
//
//   transmission starts  max(now, end of the one before)
//   lasts                8 * bytes / rate
//   comes out            its end + delay; there it may be lost, or held for uniform [0, jitter]
//   more queue                packets whose transmission has not started; tail drop at the limit
//
// What would come out within kGrain passes at once, uncopied, since no timer is finer; the rate
// holds all the same. Time and randomness are handed in. enter() is O(log held), and O(1) where
// nothing is shaped.
//
// Invariant: entered == left + dropped() + held().
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "live/held_packets.hpp"
#include "models/telemetry/recorder.hpp"
#include "models/workload/ring_queue.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/link_impairment.hpp"

namespace elblab::live {

// Where packets that were held come out of a line, and lost ones are told.
class LineExit {
 public:
  virtual ~LineExit() = default;
  // The bytes may be changed, and stay until the next advance() of the line.
  virtual void released(std::span<std::uint8_t> packet, Instant now) = 0;
  // reason: link_down, link_queue_full or link_loss.
  virtual void dropped(std::span<const std::uint8_t> packet, telemetry::Reason reason,
                       Instant now) = 0;
};

struct LineCounters {
  std::uint64_t entered = 0;
  std::uint64_t left = 0;
  std::uint64_t dropped_queue_full = 0;
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_down = 0;

  std::uint64_t dropped() const { return dropped_queue_full + dropped_loss + dropped_down; }
};

class ShapedLine {
 public:
  static constexpr Duration kGrain = std::chrono::microseconds(20);

  // `stream` is the direction's own ("link/c1/to_balancer"). exit must outlive the line.
  ShapedLine(const language::Link& link, const random::Stream& stream, LineExit& exit);

  // True: the packet passes at once, and the caller takes it on. False: held or dropped.
  [[nodiscard]] bool enter(std::span<const std::uint8_t> packet, Instant now);
  Instant next_deadline() const { return held_.next_due(); }
  // Lets out what is due.
  void advance(Instant now);

  void set_up(bool up) { up_ = up; }
  void set_loss(double probability) { impairment_.set_loss(probability); }

  const LineCounters& counters() const { return counters_; }
  std::uint64_t held() const { return held_.size(); }

 private:
  enum Stage : std::uint8_t { on_medium, held_back };  // held_back: by jitter

  bool waits(Instant start, Instant now);
  // When a transmission that starts then ends.
  Instant transmit(std::size_t bytes, Instant start);
  // The end of the medium, reached at `due` (a world may wake up later): true if the packet goes on
  // now.
  bool come_out(std::span<const std::uint8_t> packet, Instant due, Instant now);
  void drop(std::span<const std::uint8_t> packet, telemetry::Reason reason, Instant now);

  LineExit& exit_;
  worlds::LinkImpairment impairment_;
  double nanoseconds_per_byte_;
  Duration delay_;
  std::uint32_t queue_packets_;
  bool up_ = true;
  Instant busy_until_ = kStart;
  workload::RingQueue<Instant> waiting_;  // starts of transmissions
  HeldPackets held_;
  std::uint64_t held_on_medium_ = 0;
  LineCounters counters_;
};

}  // namespace elblab::live
