#include "models/net/packet_builder.hpp"

#include <array>
#include <cstring>

#include "models/net/bytes.hpp"
#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"

namespace elblab::net {
namespace {

constexpr std::size_t kLargestTcpOptions = 40;
constexpr std::uint16_t kV4VersionAndLength = 0x4500;
constexpr std::uint16_t kDontFragment = 0x4000;

std::size_t ip_header_size(const IpFields& ip) { return ip.source.is_v4() ? kV4Header : kV6Header; }

// Checksums are summed from the values at hand, not read back from the packet: loads wider than
// the stores just made would wait for those to reach the cache (this halves the cost of a packet).
void write_v4_header(std::uint8_t* p, const IpFields& ip, Protocol protocol, std::size_t total) {
  const std::uint16_t flags = ip.dont_fragment ? kDontFragment : 0;
  const auto life =
      static_cast<std::uint16_t>((ip.time_to_live << 8) | static_cast<std::uint8_t>(protocol));
  const std::uint32_t source = ip.source.v4_value();
  const std::uint32_t destination = ip.destination.v4_value();
  const std::uint64_t sum = std::uint64_t{kV4VersionAndLength} + total + ip.identification + flags +
                            life + source + destination;
  store16(p, kV4VersionAndLength);
  store16(p + 2, static_cast<std::uint16_t>(total));
  store16(p + 4, ip.identification);
  store16(p + 6, flags);
  store16(p + 8, life);
  store16(p + 10, static_cast<std::uint16_t>(~fold(sum)));
  store32(p + 12, source);
  store32(p + 16, destination);
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

// The sum of 32-bit words, for bytes written as such a moment ago.
std::uint64_t sum_words(std::span<const std::uint8_t> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 4) sum += load32(bytes.data() + at);
  return sum;
}

// `header_sum`: of the transport header, whose size is even, without its checksum field.
std::uint16_t transport_checksum(const IpFields& ip, Protocol protocol, std::uint64_t header_sum,
                                 std::size_t header_size, std::span<const std::uint8_t> payload) {
  const auto size = static_cast<std::uint32_t>(header_size + payload.size());
  const std::uint64_t pseudo = pseudo_header_sum(ip.source, ip.destination, protocol, size);
  return static_cast<std::uint16_t>(~fold(sum_bytes(payload, pseudo + header_sum)));
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
  const std::uint32_t ports = (std::uint32_t{tcp.source_port} << 16) | tcp.destination_port;
  const auto offset_and_flags = static_cast<std::uint16_t>((header / 4 << 12) | tcp.flags);
  const std::uint64_t sum = std::uint64_t{ports} + tcp.sequence + tcp.acknowledgment +
                            offset_and_flags + tcp.window + sum_words(options);
  store32(p, ports);
  store32(p + 4, tcp.sequence);
  store32(p + 8, tcp.acknowledgment);
  store16(p + 12, offset_and_flags);
  store16(p + 14, tcp.window);
  store16(p + 16, transport_checksum(ip, Protocol::tcp, sum, header, payload));
  store16(p + 18, 0);  // urgent pointer
  copy_bytes(p + kTcpHeader, options);
  copy_bytes(p + header, payload);
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
    const std::uint64_t header_sum = std::uint64_t{source_port} + destination_port + size;
    const std::uint16_t sum =
        transport_checksum(ip, Protocol::udp, header_sum, kUdpHeader, payload);
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
  const std::uint64_t sum = (std::uint64_t{type} << 8) + code + rest;
  // ICMPv6 has a pseudo header (RFC 4443 §2.3), ICMP has none (RFC 792).
  store16(p + 2, protocol == Protocol::icmp
                     ? static_cast<std::uint16_t>(~fold(sum_bytes(body, sum)))
                     : transport_checksum(ip, protocol, sum, kIcmpHeader, body));
  return ip_header_size(ip) + size;
}

}  // namespace elblab::net
