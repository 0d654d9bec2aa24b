// PacketIo on an AF_XDP socket in copy mode: packets leave the device before the kernel's stack
// sees them. 2 MB of frames shared with the kernel: 768 to receive, 256 to send.
//
// Needs a kernel with CONFIG_XDP_SOCKETS, CAP_BPF or root, and a driver with XDP (veth has it).
#pragma once

#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"
#include "live/packet_io/packet_io.hpp"
#include "live/packet_io/xdp_redirect.hpp"
#include "live/packet_io/xdp_ring.hpp"

namespace elblab::live {

class XdpPort final : public PacketIo {
 public:
  XdpPort() = default;
  ~XdpPort() override;
  XdpPort(const XdpPort&) = delete;
  XdpPort& operator=(const XdpPort&) = delete;

  Expected<void> open(const std::string& device, const HardwareAddress& peer_hardware);

  int descriptor() const override { return socket_.get(); }
  std::span<const std::span<std::uint8_t>> receive(std::size_t most) override;
  void send(std::span<const std::uint8_t> packet) override;
  void flush() override;
  const PacketIoCounters& counters() override;

 private:
  bool register_memory();
  bool map_rings();
  bool bind_to(const std::string& device);
  void give_back();
  void reclaim_sent();
  void consider(const xdp_desc& description);

  std::uint8_t* memory_ = nullptr;
  FileDescriptor socket_;
  XdpRing<std::uint64_t> fill_, completion_;
  XdpRing<xdp_desc> receive_, send_;
  XdpRedirect redirect_;
  std::size_t mtu_ = 0;
  std::uint8_t header_[14] = {};      // Ethernet, but for the type
  std::vector<std::uint64_t> taken_;  // frames of the batch handed out
  std::vector<std::uint64_t> free_;   // frames to send with
  std::vector<std::span<std::uint8_t>> batch_;
  PacketIoCounters counters_;
};

}  // namespace elblab::live
