// A range of ports, as it stands in a file: "80", "1024-2047".
#pragma once

#include <cstdint>

namespace elblab::config {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // equal to first for a single port
  bool contains(std::uint16_t port) const { return port >= first && port <= last; }
  // How many; at least 1 in a range that validate() has passed.
  std::uint32_t size() const { return std::uint32_t{last} - first + 1; }
};

}  // namespace elblab::config
