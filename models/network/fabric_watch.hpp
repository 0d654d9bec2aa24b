// Sees every packet on its way through a Fabric, in the order of the work: for packet logs.
#pragma once

#include <cstdint>
#include <span>

#include "models/network/node.hpp"
#include "models/telemetry/ids.hpp"

namespace elblab::network {

class FabricWatch {
 public:
  virtual ~FabricWatch() = default;
  // A packet reaches a node, or the fabric itself if no node takes it; before it is changed.
  virtual void received(telemetry::ObjectId where, std::span<const std::uint8_t> packet,
                        Instant now) = 0;
  // What a node sends, or the fabric passes on. Of a packet received, it follows its received().
  virtual void sent(telemetry::ObjectId where, std::span<const std::uint8_t> packet, Origin origin,
                    Instant now) = 0;
};

}  // namespace elblab::network
