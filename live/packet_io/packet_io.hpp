// How the live forwarder takes packets from a port and gives them back: one object per network
// device of the balancer's namespace.
//
// Packets are whole IP packets, without link header. receive() hands out a batch in place, in the
// ring's own memory where there is one, so that the forwarder can rewrite them there; they belong
// to the PacketIo again at the next call of receive(). Before waiting on the descriptor, receive
// until nothing comes: packets not yet given back may look like waiting ones. send() queues;
// flush() hands what is queued to the kernel in one call. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "live/network/hardware_address.hpp"
#include "models/contract/expected.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {

struct PacketIoCounters {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t dropped_by_ring = 0;    // the ring was full: the kernel's count
  std::uint64_t dropped_by_device = 0;  // the kernel took no more
  std::uint64_t cut_short = 0;          // larger than a slot; not handed out
  // The longest time that a packet lay about between leaving the host and receive(): in the
  // kernel's backlog, whose threads other programs can keep waiting, and in the ring. 0: the kernel
  // does not tell (AF_XDP).
  Duration longest_wait{0};
};

class PacketIo {
 public:
  virtual ~PacketIo() = default;

  // To poll for input (POLLIN).
  virtual int descriptor() const = 0;
  // Packets waiting, at most `most`; empty when there are none. Never blocks.
  virtual std::span<const std::span<std::uint8_t>> receive(std::size_t most) = 0;
  // Copies the packet into the send queue, flushing first when that is full.
  virtual void send(std::span<const std::uint8_t> packet) = 0;
  // What the kernel does not take now is dropped and counted.
  virtual void flush() = 0;
  virtual const PacketIoCounters& counters() = 0;
};

enum class PacketIoKind : std::uint8_t {
  packet_ring,  // TPACKET_V2 ring for receive, sendmmsg with PACKET_QDISC_BYPASS for send;
                // packet(7)
  af_xdp,       // AF_XDP in copy mode; xdp in the kernel's documentation
};
std::string_view to_string(PacketIoKind kind);

// Opens `device` in the current network namespace. peer_hardware: the Ethernet address frames are
// sent to. Error: what the system refused, and what to do.
Expected<std::unique_ptr<PacketIo>> open_packet_io(PacketIoKind kind, const std::string& device,
                                                   const HardwareAddress& peer_hardware);

}  // namespace elblab::live
