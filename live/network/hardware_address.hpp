// An Ethernet address, as it stands in a frame.
#pragma once

#include <array>
#include <cstdint>

namespace elblab::live {

using HardwareAddress = std::array<std::uint8_t, 6>;

}  // namespace elblab::live
