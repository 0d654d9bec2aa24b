// PacketIo on a packet socket: receive ring, and sends in batches.
#pragma once

#include "live/packet_io/packet_io.hpp"
#include "live/packet_io/receive_ring.hpp"
#include "live/packet_io/send_batch.hpp"

namespace elblab::live {

class PacketRing final : public PacketIo {
 public:
  Expected<void> open(const std::string& device, const HardwareAddress& peer_hardware);

  int descriptor() const override { return ring_.descriptor(); }
  std::span<const std::span<std::uint8_t>> receive(std::size_t most) override;
  void send(std::span<const std::uint8_t> packet) override { batch_.add(packet); }
  void flush() override { batch_.send(); }
  const PacketIoCounters& counters() override;

 private:
  ReceiveRing ring_;
  SendBatch batch_;
  PacketIoCounters counters_;
};

}  // namespace elblab::live
