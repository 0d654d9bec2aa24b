// The end of a link at a fabric: packets out of the link come to a receiver, packets for it are sent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/time/instant.hpp"
#include "worlds/network.hpp"

namespace elblab::live {

// Packets in the ring's or a line's own memory, to be rewritten there.
using PacketBatch = std::vector<std::span<std::uint8_t>>;

// Where the packets go that have come out of a link. May send on any link.
class PortReceiver {
 public:
  virtual ~PortReceiver() = default;
  // At least one packet; they are gone after the call.
  virtual void receive(const PacketBatch& batch, Instant now) = 0;
};

class LinkEnd {
 public:
  virtual ~LinkEnd() = default;
  // Before the run. The receiver, without whom nothing may come, must outlive the last packet.
  virtual void deliver_to(PortReceiver& receiver) = 0;
  // A packet into the link; copied where it has to wait.
  virtual void send(std::span<const std::uint8_t> packet, Instant now) = 0;
  virtual worlds::PortTraffic traffic() const = 0;
};

}  // namespace elblab::live
