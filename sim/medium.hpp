// What carries packets between the two ends of a link: queue, serialisation and propagation.
//
// The kinds of links of a scenario are the kinds of media. Everything else about a link (loss,
// jitter, up and down, counting, capture) is the same for all kinds and lives in Link.
#pragma once

#include <cstdint>
#include <span>

#include "models/telemetry/recorder.hpp"

namespace elblab::sim {

// The end of a link, and with it the direction of a packet that leaves or reaches it. Both are alike;
// of a host's link the host has the first.
enum class End : std::uint8_t { first, second };

constexpr End opposite(End end) { return end == End::first ? End::second : End::first; }
constexpr std::size_t index_of(End end) { return static_cast<std::size_t>(end); }

class Medium {
 public:
  virtual ~Medium() = default;
  // Takes a copy of one IP packet at one end, to hand it to Link::carried() at the other. A reason
  // other than none: not taken, because the queue is full or the packet fits no frame.
  virtual telemetry::Reason transmit(End from, std::span<const std::uint8_t> packet) = 0;
  // More packets than this cannot be between the ends, going away from `from`: the bound that the
  // check of conservation uses.
  virtual std::uint64_t capacity_packets(End from) const = 0;
};

}  // namespace elblab::sim
