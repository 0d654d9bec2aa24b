// Which connections' packets a trace keeps, as a run is asked.
#pragma once

#include <cstdint>

namespace elblab::worlds {

enum class PacketKeeping : std::uint8_t {
  none,
  some,  // the first of each client host, and of each kind of trouble the first few
  all,   // as far as memory goes
};

}  // namespace elblab::worlds
