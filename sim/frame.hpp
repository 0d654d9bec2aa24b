// IP packets as ns-3 devices carry them: EtherTypes, conversion, and where a packet ends inside a
// padded frame.
#pragma once

#include <ns3/packet.h>
#include <ns3/ptr.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/net/address.hpp"

namespace elblab::sim {

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86DD;

// The largest IP packet a device takes (Ethernet's, also ns-3's default for both devices).
inline constexpr std::size_t kMtu = 1500;

inline std::uint16_t ether_type_of(std::span<const std::uint8_t> packet) {
  return !packet.empty() && (packet[0] >> 4) == 6 ? kEtherTypeIpv6 : kEtherTypeIpv4;
}

// Where a packet wants to go; nullopt for less than a header.
inline std::optional<net::IpAddress> destination_of(std::span<const std::uint8_t> packet) {
  if (packet.size() >= 20 && (packet[0] >> 4) == 4) {
    return net::IpAddress::from_v4_bytes(packet.data() + 16);
  }
  if (packet.size() >= 40 && (packet[0] >> 4) == 6) {
    return net::IpAddress::from_v6_bytes(packet.data() + 24);
  }
  return std::nullopt;
}

inline ns3::Ptr<ns3::Packet> to_ns3_packet(std::span<const std::uint8_t> bytes) {
  return ns3::Create<ns3::Packet>(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
}

// A packet's bytes out of ns-3, reusing one buffer.
class FrameReader {
 public:
  // The payload of a frame; valid until the next call.
  std::span<std::uint8_t> read(const ns3::Ptr<const ns3::Packet>& packet) {
    const std::uint32_t size = packet->GetSize();
    if (buffer_.size() < size) buffer_.resize(size);
    return {buffer_.data(), packet->CopyData(buffer_.data(), size)};
  }

 private:
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(2048);
};

// Without the padding of short Ethernet frames (RFC 894), by the IP header's own length. Bytes
// whose length field makes no sense are left as they are: judging them is the receiver's business.
inline std::span<std::uint8_t> without_padding(std::span<std::uint8_t> bytes) {
  std::size_t length = bytes.size();
  if (bytes.size() >= 20 && (bytes[0] >> 4) == 4) {
    length = (std::size_t{bytes[2]} << 8) | bytes[3];
  } else if (bytes.size() >= 40 && (bytes[0] >> 4) == 6) {
    length = 40 + ((std::size_t{bytes[4]} << 8) | bytes[5]);
  }
  return length >= 20 && length < bytes.size() ? bytes.first(length) : bytes;
}

// The IP packet inside a whole Ethernet frame, padding and trailer cut off; empty for ARP and
// others.
inline std::span<std::uint8_t> packet_in_frame(std::span<std::uint8_t> frame) {
  constexpr std::size_t kHeaderBytes = 14;
  if (frame.size() < kHeaderBytes) return {};
  const unsigned type = (unsigned{frame[12]} << 8) | frame[13];
  if (type != kEtherTypeIpv4 && type != kEtherTypeIpv6) return {};
  return without_padding(frame.subspan(kHeaderBytes));
}

}  // namespace elblab::sim
