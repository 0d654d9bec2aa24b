// Where a model puts the packets it makes or passes on.
//
// send() is given the bytes of one whole IP packet; they are the callee's only during the call (a
// link that needs them longer copies them). Handed to every receive() and advance().
#pragma once

#include <cstdint>
#include <span>

namespace elblab::net {

class PacketOutput {
 public:
  virtual ~PacketOutput() = default;
  virtual void send(std::span<const std::uint8_t> packet) = 0;
};

}  // namespace elblab::net
