// Receive windows: the first one, the scale, and how the window grows with what arrives.
//
// Linux (tcp_select_initial_window): half of tcp_rmem's default, at most 65,535, in whole segments:
// 64,240 in a SYN, 65,160 in a SYN+ACK with timestamps; the scale lets tcp_rmem's maximum be
// announced. The window then grows by twice what arrives (tcp_grow_window, receive buffer
// auto-tuning) up to half of the maximum.
#pragma once

#include <cstdint>

#include "models/host/sysctls.hpp"
#include "models/host/tcp/tcp_connection.hpp"

namespace elblab::host {

// The window scale we announce; 0 when tcp_window_scaling is off.
std::uint8_t offered_scale(const Sysctls& sysctls);
// In bytes, a multiple of `segment` where it can be.
std::uint32_t first_window(const Sysctls& sysctls, std::uint32_t segment);
// In-order payload arrived: the window may grow.
void grow_window(TcpConnection& connection, const Sysctls& sysctls, std::uint32_t payload);
// The window to announce now, as it stands in the header; remembers it as offered. Never takes
// back what was offered. `unread`: bytes held for an application that has not accepted.
std::uint16_t announce_window(TcpConnection& connection, std::uint32_t unread);

}  // namespace elblab::host
