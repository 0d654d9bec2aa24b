#include "live/packet_io/packet_ring.hpp"

#include <algorithm>

namespace elblab::live {

Expected<void> PacketRing::open(const std::string& device, const HardwareAddress& peer_hardware) {
  if (auto done = ring_.open(device); !done) return done;
  return batch_.open(device, peer_hardware);
}

std::span<const std::span<std::uint8_t>> PacketRing::receive(std::size_t most) {
  const auto packets = ring_.take(most);
  if (packets.empty()) return packets;
  counters_.received += packets.size();
  counters_.longest_wait = std::max(counters_.longest_wait, ring_.age(0));
  return packets;
}

const PacketIoCounters& PacketRing::counters() {
  counters_.dropped_by_ring += ring_.take_lost();
  counters_.cut_short = ring_.cut_short();
  counters_.sent = batch_.sent();
  counters_.dropped_by_device = batch_.refused_packets();
  return counters_;
}

}  // namespace elblab::live
