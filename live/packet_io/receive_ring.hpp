// The receive ring of a packet socket: IP packets of one device, in memory shared with the kernel.
//
// TPACKET_V2, packet(7) and Documentation/networking/packet_mmap: the kernel fills slots in turn
// and marks them; the program reads them where they lie and gives them back. 1024 slots of 2 KB. A
// full ring loses packets, and the kernel counts them. Frames that are not IPv4 or IPv6 are passed
// over, and so are those that the device itself sends.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {

class ReceiveRing {
 public:
  ReceiveRing() = default;
  ~ReceiveRing();
  ReceiveRing(const ReceiveRing&) = delete;
  ReceiveRing& operator=(const ReceiveRing&) = delete;

  // The device is one of the thread's namespace.
  Expected<void> open(const std::string& device);

  int descriptor() const { return socket_.get(); }
  // Gives the packets of the call before back, then takes at most `most` waiting ones. They may be
  // changed in place.
  std::span<const std::span<std::uint8_t>> take(std::size_t most);
  // The time since the far end of the device's veth link sent packet `index` of the batch: what it
  // waited for the kernel's thread that brings it here, and in the ring. Reads a clock.
  Duration age(std::size_t index) const;
  // Packets lost to a full ring since the call before. A system call.
  std::uint64_t take_lost();
  std::uint64_t cut_short() const { return cut_short_; }

  static constexpr std::size_t kSlots = 1024;
  static constexpr std::size_t kSlotBytes = 2048;

 private:
  std::uint8_t* slot(std::size_t index) const { return memory_ + index * kSlotBytes; }
  void give_back();
  void consider(std::uint8_t* slot);

  FileDescriptor socket_;
  std::uint8_t* memory_ = nullptr;
  std::size_t first_taken_ = 0;  // slots [first_taken_, next_) are the program's
  std::size_t next_ = 0;         // counts on; the slot is next_ % kSlots
  std::uint64_t cut_short_ = 0;
  std::vector<std::span<std::uint8_t>> batch_;
  std::vector<std::int64_t> stamps_ns_;  // CLOCK_REALTIME
};

}  // namespace elblab::live
