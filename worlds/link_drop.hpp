// The event of a packet that a link lost, as every world records it.
#pragma once

#include <cstdint>
#include <span>

#include "models/telemetry/recorder.hpp"

namespace elblab::worlds {

// value: the packet's bytes; flow: all zero if it does not parse. Copies the packet: losses are rare.
telemetry::Event link_drop(telemetry::ObjectId link, std::span<const std::uint8_t> packet,
                           telemetry::Reason reason, Instant now);

}  // namespace elblab::worlds
