// One received TCP segment, read out of its packet once.
#pragma once

#include <cstdint>
#include <span>

#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"

namespace elblab::host {

struct Segment {
  net::Endpoint local;   // destination of the packet
  net::Endpoint remote;  // its source
  std::uint32_t sequence = 0;
  std::uint32_t end = 0;  // sequence + payload + SYN + FIN
  std::uint32_t acknowledgment = 0;
  std::uint16_t window = 0;  // unscaled
  std::uint8_t flags = 0;
  std::uint8_t header_bytes = 20;         // of TCP, options included
  std::span<const std::uint8_t> payload;  // inside the packet
  net::TcpOptions options;

  bool syn() const { return flags & net::tcp_flag::syn; }
  bool ack() const { return flags & net::tcp_flag::ack; }
  bool fin() const { return flags & net::tcp_flag::fin; }
  bool psh() const { return flags & net::tcp_flag::psh; }
  bool rst() const { return flags & net::tcp_flag::rst; }
  std::uint32_t payload_size() const { return static_cast<std::uint32_t>(payload.size()); }
  net::FlowKey flow() const { return {remote, local, net::Protocol::tcp}; }

  // The view must be of TCP.
  static Segment read(const net::PacketView& view);
};

}  // namespace elblab::host
