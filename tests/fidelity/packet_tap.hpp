// Reads and writes whole IP packets on the peer's end of the link (packet(7), SOCK_DGRAM).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/time/instant.hpp"
#include "tests/fidelity/file_descriptor.hpp"
#include "tests/fidelity/veth_link.hpp"

namespace elblab::fidelity {

class PacketTap {
 public:
  // Throws std::system_error. Leaves the process in the host's namespace.
  explicit PacketTap(VethLink& link);

  struct Received {
    std::vector<std::uint8_t> packet;
    Duration age{};  // how long ago the kernel's device handed it over
  };

  void send(std::span<const std::uint8_t> packet);
  // Waits at most this long; a length of zero or less only looks.
  std::optional<Received> receive(Duration limit);

 private:
  std::optional<Received> read_now();

  FileDescriptor socket_;
  int device_index_ = 0;
  std::uint8_t host_hardware_[6] = {};
};

}  // namespace elblab::fidelity
