#include "models/net/packet_builder.hpp"

#include <array>
#include <cstring>

#include "models/net/bytes.hpp"
#include "models/net/checksum.hpp"

namespace elblab::net {
namespace {

constexpr std::size_t kV4Header = 20;
constexpr std::size_t kV6Header = 40;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kLargestTcpOptions = 40;
constexpr std::uint16_t kDontFragment = 0x4000;

std::size_t ip_header_size(const IpFields& ip) { return ip.source.is_v4() ? kV4Header : kV6Header; }

void write_v4_header(std::uint8_t* p, const IpFields& ip, Protocol protocol, std::size_t total) {
  p[0] = 0x45;
  p[1] = 0;
  store16(p + 2, static_cast<std::uint16_t>(total));
  store16(p + 4, ip.identification);
  store16(p + 6, ip.dont_fragment ? kDontFragment : 0);
  p[8] = ip.time_to_live;
  p[9] = static_cast<std::uint8_t>(protocol);
  store16(p + 10, 0);
  std::memcpy(p + 12, ip.source.wire_bytes(), 4);
  std::memcpy(p + 16, ip.destination.wire_bytes(), 4);
  store16(p + 10, checksum({p, kV4Header}));
}

void write_v6_header(std::uint8_t* p, const IpFields& ip, Protocol protocol, std::size_t total) {
  store32(p, 0x60000000);
  store16(p + 4, static_cast<std::uint16_t>(total - kV6Header));
  p[6] = static_cast<std::uint8_t>(protocol);
  p[7] = ip.time_to_live;
  std::memcpy(p + 8, ip.source.bytes().data(), 16);
  std::memcpy(p + 24, ip.destination.bytes().data(), 16);
}

// Writes the IP header and returns where the transport begins; nullptr if it does not fit.
std::uint8_t* begin_packet(std::span<std::uint8_t> out, const IpFields& ip, Protocol protocol,
                           std::size_t transport_size) {
  const std::size_t header = ip_header_size(ip);
  const std::size_t total = header + transport_size;
  if (total > kLargestPacket || total > out.size()) return nullptr;
  if (ip.source.is_v4() != ip.destination.is_v4()) return nullptr;
  if (ip.source.is_v4()) {
    write_v4_header(out.data(), ip, protocol, total);
  } else {
    write_v6_header(out.data(), ip, protocol, total);
  }
  return out.data() + header;
}

void copy_bytes(std::uint8_t* to, std::span<const std::uint8_t> from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

std::uint16_t transport_checksum(const IpFields& ip, Protocol protocol, const std::uint8_t* p,
                                 std::size_t size) {
  const std::uint64_t pseudo =
      pseudo_header_sum(ip.source, ip.destination, protocol, static_cast<std::uint32_t>(size));
  return static_cast<std::uint16_t>(~fold(sum_bytes({p, size}, pseudo)));
}

}  // namespace

std::size_t build_tcp_raw_options(std::span<std::uint8_t> out, const IpFields& ip,
                                  const TcpFields& tcp, std::span<const std::uint8_t> options,
                                  std::span<const std::uint8_t> payload) {
  if (options.size() % 4 != 0 || options.size() > kLargestTcpOptions) return 0;
  const std::size_t header = kTcpHeader + options.size();
  const std::size_t size = header + payload.size();
  std::uint8_t* const p = begin_packet(out, ip, Protocol::tcp, size);
  if (p == nullptr) return 0;
  store16(p, tcp.source_port);
  store16(p + 2, tcp.destination_port);
  store32(p + 4, tcp.sequence);
  store32(p + 8, tcp.acknowledgment);
  p[12] = static_cast<std::uint8_t>(header / 4 << 4);
  p[13] = tcp.flags;
  store16(p + 14, tcp.window);
  store32(p + 16, 0);  // checksum, urgent pointer
  copy_bytes(p + kTcpHeader, options);
  copy_bytes(p + header, payload);
  store16(p + 16, transport_checksum(ip, Protocol::tcp, p, size));
  return ip_header_size(ip) + size;
}

std::size_t build_tcp(std::span<std::uint8_t> out, const IpFields& ip, const TcpFields& tcp,
                      std::span<const std::uint8_t> payload) {
  std::array<std::uint8_t, kLargestTcpOptions> options;
  const std::size_t size = tcp.options.write(options);
  return build_tcp_raw_options(out, ip, tcp, {options.data(), size}, payload);
}

std::size_t build_udp(std::span<std::uint8_t> out, const IpFields& ip, std::uint16_t source_port,
                      std::uint16_t destination_port, std::span<const std::uint8_t> payload,
                      bool checksum) {
  const std::size_t size = kUdpHeader + payload.size();
  std::uint8_t* const p = begin_packet(out, ip, Protocol::udp, size);
  if (p == nullptr) return 0;
  store16(p, source_port);
  store16(p + 2, destination_port);
  store16(p + 4, static_cast<std::uint16_t>(size));
  store16(p + 6, 0);
  copy_bytes(p + kUdpHeader, payload);
  if (checksum || !ip.source.is_v4()) {  // mandatory over IPv6 (RFC 8200 §8.1)
    const std::uint16_t sum = transport_checksum(ip, Protocol::udp, p, size);
    store16(p + 6, sum == 0 ? 0xFFFF : sum);  // RFC 768: 0 would mean "none"
  }
  return ip_header_size(ip) + size;
}

std::size_t build_icmp(std::span<std::uint8_t> out, const IpFields& ip, std::uint8_t type,
                       std::uint8_t code, std::uint32_t rest, std::span<const std::uint8_t> body) {
  const Protocol protocol = ip.source.is_v4() ? Protocol::icmp : Protocol::icmpv6;
  const std::size_t size = kIcmpHeader + body.size();
  std::uint8_t* const p = begin_packet(out, ip, protocol, size);
  if (p == nullptr) return 0;
  p[0] = type;
  p[1] = code;
  store16(p + 2, 0);
  store32(p + 4, rest);
  copy_bytes(p + kIcmpHeader, body);
  // ICMPv6 has a pseudo header (RFC 4443 §2.3), ICMP has none (RFC 792).
  store16(p + 2, protocol == Protocol::icmp ? checksum({p, size})
                                            : transport_checksum(ip, protocol, p, size));
  return ip_header_size(ip) + size;
}

}  // namespace elblab::net
