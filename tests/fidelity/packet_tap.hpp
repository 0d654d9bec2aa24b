// Reads and writes whole IP packets on the peer's end of the link, one at a time and with their
// times.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "live/packet_io/receive_ring.hpp"
#include "live/packet_io/send_batch.hpp"
#include "models/time/instant.hpp"
#include "tests/fidelity/isolated_host.hpp"

namespace elblab::fidelity {

class PacketTap {
 public:
  // Throws std::runtime_error.
  explicit PacketTap(const IsolatedHost& isolated);

  struct Received {
    std::vector<std::uint8_t> packet;
    Duration age{};  // how long ago the kernel's device handed it over
  };

  // Throws std::runtime_error when the kernel does not take it.
  void send(std::span<const std::uint8_t> packet);
  // Waits at most this long; a length of zero or less only looks.
  std::optional<Received> receive(Duration limit);
  // Readable when a packet waits.
  int descriptor() const { return ring_.descriptor(); }

 private:
  std::optional<Received> read_now();

  live::ReceiveRing ring_;
  live::SendBatch batch_;
};

}  // namespace elblab::fidelity
