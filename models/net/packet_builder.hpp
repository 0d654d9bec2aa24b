// Builds whole IP packets into a caller's buffer, checksums included. No allocation.
//
// Every function returns the packet's size in bytes, or 0 when the buffer is too small or the
// parts exceed 65,535 bytes. Source and destination must be of one family.
#pragma once

#include <cstdint>
#include <span>

#include "models/net/flow_key.hpp"
#include "models/net/tcp_options.hpp"

namespace elblab::net {

inline constexpr std::size_t kLargestPacket = 65535;

struct IpFields {
  IpAddress source;
  IpAddress destination;
  std::uint8_t time_to_live = 64;
  std::uint16_t identification = 0;  // IPv4 only
  bool dont_fragment = true;         // IPv4 only
};

struct TcpFields {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = 0;    // tcp_flag bits
  std::uint16_t window = 0;  // as it stands in the header (unscaled)
  TcpOptions options;
};

std::size_t build_tcp(std::span<std::uint8_t> out, const IpFields& ip, const TcpFields& tcp,
                      std::span<const std::uint8_t> payload);
// As build_tcp, with option bytes given raw (a multiple of four, at most 40); for tests that need
// malformed options.
std::size_t build_tcp_raw_options(std::span<std::uint8_t> out, const IpFields& ip,
                                  const TcpFields& tcp, std::span<const std::uint8_t> options,
                                  std::span<const std::uint8_t> payload);
// checksum false leaves the UDP checksum 0 (IPv4 only, RFC 768).
std::size_t build_udp(std::span<std::uint8_t> out, const IpFields& ip, std::uint16_t source_port,
                      std::uint16_t destination_port, std::span<const std::uint8_t> payload,
                      bool checksum = true);
// ICMP for IPv4, ICMPv6 for IPv6 addresses. `rest` is the second header word (identifier and
// sequence of an echo, unused or MTU of an error).
std::size_t build_icmp(std::span<std::uint8_t> out, const IpFields& ip, std::uint8_t type,
                       std::uint8_t code, std::uint32_t rest, std::span<const std::uint8_t> body);

}  // namespace elblab::net
