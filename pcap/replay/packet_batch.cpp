#include "pcap/replay/packet_batch.hpp"

#include <algorithm>
#include <cstring>

#include "models/net/bytes.hpp"
#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::replay {
namespace {

constexpr std::size_t kLargest = net::kLargestPacket + net::kV6Header;
constexpr std::size_t kAlignment = 16;
constexpr std::size_t kTotalLength = 2;
constexpr std::size_t kHeaderChecksum = 10;
constexpr std::size_t kIcmpChecksum = 2;

// What the packet says of itself; 0 when it is too short to say.
std::size_t claimed_length(std::span<const std::uint8_t> packet) {
  if (packet.size() < net::kV4Header) return 0;
  if (packet[0] >> 4 == 4) return net::load16(packet.data() + kTotalLength);
  return packet[0] >> 4 == 6 ? net::kV6Header + net::load16(packet.data() + 4) : 0;
}

}  // namespace

PacketBatch::PacketBatch()
    : memory_(std::make_unique_for_overwrite<std::uint8_t[]>(kPackets * (kLargest + kAlignment))) {}

void PacketBatch::clear() {
  used_ = 0;
  size_ = 0;
}

void PacketBatch::add(const pcap::Record& record, std::span<const std::uint8_t> packet) {
  Packet& added = packets_[size_++];
  const bool cut = record.original_length > record.bytes.size();
  added.at_ns = record.at_ns;
  added.captured = std::min(packet.size(), kLargest);
  added.bytes = copy(packet.first(added.captured), cut);
  repair_offload(added.bytes);
  added.error = net::PacketView::parse(added.bytes, added.view);
  if (added.bytes.size() > added.captured && added.error == net::ParseError::none) {
    repair_icmp_checksum(added.view);
  }
}

std::span<std::uint8_t> PacketBatch::copy(std::span<const std::uint8_t> packet, bool cut) {
  std::uint8_t* const at = memory_.get() + used_;
  if (!packet.empty()) std::memcpy(at, packet.data(), packet.size());
  std::size_t size = packet.size();
  if (cut) {
    const std::size_t claimed = std::min(claimed_length(packet), kLargest);
    if (claimed > size) {
      std::memset(at + size, 0, claimed - size);
      size = claimed;
      ++repairs_.filled_up;
    }
  }
  used_ += (size + kAlignment - 1) / kAlignment * kAlignment;
  return {at, size};
}

void PacketBatch::repair_offload(std::span<std::uint8_t> packet) {
  if (packet.size() < net::kV4Header || packet[0] >> 4 != 4) return;
  std::uint8_t* const p = packet.data();
  const std::size_t header = std::size_t{p[0] & 0x0FU} * 4;
  if (header < net::kV4Header || header > packet.size()) return;
  const bool no_length = net::load16(p + kTotalLength) == 0;
  const bool no_checksum = net::load16(p + kHeaderChecksum) == 0 &&
                           net::fold(net::sum_bytes(packet.first(header))) != 0xFFFF;
  if (!no_length && !no_checksum) return;
  if (no_length) {
    net::store16(p + kTotalLength,
                 static_cast<std::uint16_t>(std::min(packet.size(), net::kLargestPacket)));
  }
  net::store16(p + kHeaderChecksum, 0);
  net::store16(p + kHeaderChecksum, net::checksum(packet.first(header)));
  ++repairs_.offloaded;
}

void PacketBatch::repair_icmp_checksum(net::PacketView& view) {
  if (view.has_ports()) return;
  const std::span<std::uint8_t> message = view.transport();
  net::store16(message.data() + kIcmpChecksum, 0);
  std::uint64_t sum = 0;
  if (!view.is_v4()) {
    sum = net::pseudo_header_sum(view.source(), view.destination(), view.protocol(),
                                 static_cast<std::uint32_t>(message.size()));
  }
  const std::uint16_t folded = net::fold(net::sum_bytes(message, sum));
  net::store16(message.data() + kIcmpChecksum, static_cast<std::uint16_t>(~folded));
}

}  // namespace elblab::replay
