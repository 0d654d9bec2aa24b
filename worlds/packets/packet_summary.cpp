#include "worlds/packets/packet_summary.hpp"

#include "models/net/bytes.hpp"
#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"

namespace elblab::worlds {
namespace {

using net::load16;
using net::load32;

// Where the transport header begins and what it is; header 0: not for us.
struct Layers {
  std::size_t header = 0;
  std::size_t end = 0;  // of the packet, without padding
  std::uint8_t protocol = 0;
};

Layers layers_of(std::span<const std::uint8_t> packet) {
  const std::uint8_t* p = packet.data();
  if (packet.size() >= 20 && (p[0] >> 4) == 4) {
    if ((load16(p + 6) & 0x3FFF) != 0) return {};  // a fragment
    return {(p[0] & 15U) * 4U, load16(p + 2), p[9]};
  }
  if (packet.size() >= 40 && (p[0] >> 4) == 6) {
    return {40, std::size_t{40} + load16(p + 4), p[6]};
  }
  return {};
}

void read_addresses(const std::uint8_t* p, PacketSummary& summary) {
  if ((p[0] >> 4) == 4) {
    summary.flow.source.address = net::IpAddress::from_v4_bytes(p + 12);
    summary.flow.destination.address = net::IpAddress::from_v4_bytes(p + 16);
  } else {
    summary.flow.source.address = net::IpAddress::from_v6_bytes(p + 8);
    summary.flow.destination.address = net::IpAddress::from_v6_bytes(p + 24);
  }
}

// NOP, NOP, timestamps: how nearly every segment looks (RFC 7323 appendix A).
constexpr std::uint32_t kOnlyTimestamps = 0x0101080A;

void read_options(std::span<const std::uint8_t> options, PacketSummary& summary) {
  if (options.size() == 12 && load32(options.data()) == kOnlyTimestamps) {
    summary.has_timestamps = true;
    summary.timestamp_value = load32(options.data() + 4);
    summary.timestamp_echo = load32(options.data() + 8);
    return;
  }
  const net::TcpOptions read = net::TcpOptions::parse(options);
  summary.mss = read.mss.value_or(0);
  if (!read.timestamps) return;
  summary.has_timestamps = true;
  summary.timestamp_value = read.timestamps->value;
  summary.timestamp_echo = read.timestamps->echo;
}

bool read_tcp(std::span<const std::uint8_t> segment, PacketSummary& summary) {
  if (segment.size() < 20) return false;
  const std::uint8_t* p = segment.data();
  const std::size_t header = (p[12] >> 4U) * 4U;
  if (header < 20 || header > segment.size()) return false;
  summary.sequence = load32(p + 4);
  summary.acknowledgment = load32(p + 8);
  summary.tcp_flags = p[13];
  summary.window = load16(p + 14);
  summary.payload_bytes = static_cast<std::uint16_t>(segment.size() - header);
  if (header > 20) read_options(segment.subspan(20, header - 20), summary);
  return true;
}

}  // namespace

bool PacketSummary::opens() const {
  using namespace net::tcp_flag;
  return flow.protocol == net::Protocol::udp || (tcp_flags & (syn | ack | rst)) == syn;
}

std::uint32_t PacketSummary::sequence_end() const {
  using namespace net::tcp_flag;
  return sequence + payload_bytes + ((tcp_flags & syn) != 0 ? 1U : 0U) +
         ((tcp_flags & fin) != 0 ? 1U : 0U);
}

bool summarize(std::span<const std::uint8_t> packet, PacketSummary& summary) {
  const Layers layers = layers_of(packet);
  if (layers.header < 20 || layers.end > packet.size() || layers.end < layers.header + 8) {
    return false;
  }
  const auto transport = packet.subspan(layers.header, layers.end - layers.header);
  read_addresses(packet.data(), summary);
  summary.flow.source.port = load16(transport.data());
  summary.flow.destination.port = load16(transport.data() + 2);
  if (layers.protocol == static_cast<std::uint8_t>(net::Protocol::tcp)) {
    summary.flow.protocol = net::Protocol::tcp;
    return read_tcp(transport, summary);
  }
  if (layers.protocol != static_cast<std::uint8_t>(net::Protocol::udp)) return false;
  summary.flow.protocol = net::Protocol::udp;
  summary.payload_bytes = static_cast<std::uint16_t>(transport.size() - 8);
  return true;
}

}  // namespace elblab::worlds
