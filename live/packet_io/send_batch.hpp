// Packets on their way to a device, handed to the kernel many at a time.
//
// A packet socket that goes past the device's queue (PACKET_QDISC_BYPASS, packet(7)) and
// sendmmsg(2). 64 slots of one Ethernet frame each.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/hardware_address.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

class SendBatch {
 public:
  SendBatch() = default;
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  // The device is one of the thread's namespace. Frames go to peer_hardware.
  Expected<void> open(const std::string& device, const HardwareAddress& peer_hardware);

  // Copies an IP packet; sends what waits when that is too much. A packet larger than a slot is
  // refused.
  void add(std::span<const std::uint8_t> packet);
  void send();

  std::uint64_t sent() const { return sent_; }
  std::uint64_t refused_packets() const { return refused_; }  // what the kernel did not take

  static constexpr std::size_t kSlots = 64;
  static constexpr std::size_t kSlotBytes = 2048;

 private:
  std::uint8_t* slot(std::size_t index) { return memory_.data() + index * kSlotBytes; }

  FileDescriptor socket_;
  std::vector<std::uint8_t> memory_;
  std::array<iovec, kSlots> parts_{};
  std::array<mmsghdr, kSlots> messages_{};
  std::size_t waiting_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace elblab::live
