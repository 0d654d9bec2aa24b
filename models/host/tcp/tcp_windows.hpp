// Receive windows: the first one, the scale, how the window grows with what arrives and is read,
// and how it closes while an application does not read.
//
// Linux (tcp_select_initial_window): half of tcp_rmem's default, at most 65,535, in whole segments:
// 64,240 in a SYN, 65,160 in a SYN+ACK with timestamps; the scale lets tcp_rmem's maximum be
// announced. A packet takes more of the receive buffer than its payload (buffer_of_packet), and
// windows are kept to what that leaves: tcp_grow_window, tcp_rcv_space_adjust, __tcp_select_window.
#pragma once

#include <cstdint>

#include "models/host/sysctls.hpp"
#include "models/host/tcp/segment.hpp"
#include "models/host/tcp/tcp_connection.hpp"
#include "models/host/tcp/transfer_state.hpp"

namespace elblab::host {

// The window scale we announce; 0 when tcp_window_scaling is off.
std::uint8_t offered_scale(const Sysctls& sysctls);
// In bytes, a multiple of `segment` where it can be.
std::uint32_t first_window(const Sysctls& sysctls, std::uint32_t segment);
// The connection is established: `largest` is the payload of the largest segment the peer may send.
void begin_window(TcpConnection& connection, const Sysctls& sysctls, std::uint32_t largest,
                  Instant now);
// The receive buffer of a connection that begins to transfer (tcp_init_buffer_space).
void prepare_receive_buffer(const TcpConnection& connection, TransferState& transfer,
                            const Sysctls& sysctls, std::uint32_t largest, Instant now);

// Bytes of receive buffer that a packet takes: what the kernel's allocator gives for headers and
// payload, and its own record of the packet (skb->truesize).
std::uint32_t buffer_of_packet(const Segment& segment);
// The packet waits to be read. In order, small ones are copied behind the one before
// (tcp_try_coalesce).
void hold_packet(TransferState& transfer, const Segment& segment, bool in_order);
// A segment with payload came, in order or not: how much of the buffer payload takes.
void measure_segment(TcpConnection& connection, TransferState& transfer, const Segment& segment,
                     std::uint32_t largest);
// … and the window may grow.
void grow_window(TcpConnection& connection, TransferState& transfer, const Sysctls& sysctls,
                 const Segment& segment, std::uint32_t largest);
// In-order payload came: the receiver's idea of a round trip, without and with timestamps.
void measure_round(const TcpConnection& connection, TransferState& transfer, Instant now);
void measure_round_by_echo(const TcpConnection& connection, TransferState& transfer,
                           const Segment& segment, Instant now);
// The application has read up to `read_sequence`: the buffer may grow. `held_end`: the end of what
// is held, beyond gaps too.
void adjust_buffer(const TcpConnection& connection, TransferState& transfer, const Sysctls& sysctls,
                   std::uint32_t read_sequence, std::uint32_t held_end, Instant now);

// The window that could be offered now, in bytes. transfer: nullptr when nothing was transferred.
std::uint32_t select_window(TcpConnection& connection, const TransferState* transfer,
                            const Sysctls& sysctls);
// The window to announce now, as it stands in the header; remembers it as offered. Never takes
// back what was offered.
std::uint16_t announce_window(TcpConnection& connection, const TransferState* transfer,
                              const Sysctls& sysctls);

}  // namespace elblab::host
