// The RSTs a node makes itself: refusing a SYN (OPEN-13), and ending an idle connection (TO-03).
#pragma once

#include <array>
#include <span>

#include "models/forwarding/connection_table.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::forwarding {

// Holds one RST; the span that a function returns lives until its next call.
class ResetBuilder {
 public:
  // As a host refuses a SYN to a closed port (linux-host.md row 1).
  std::span<const std::uint8_t> refuse(const net::PacketView& syn);
  // In the name of the other side, at exactly the sequence number the receiver expects, which is
  // the only one that a receiver obeys at once (RFC 5961 §3.2; linux-host.md rows 8..11).
  std::span<const std::uint8_t> to_client(const ConnectionTable& table, const Connection& c);
  std::span<const std::uint8_t> to_server(const ConnectionTable& table, const Connection& c);

 private:
  std::span<const std::uint8_t> build(const net::Endpoint& from, const net::Endpoint& to,
                                      std::uint32_t sequence, std::uint32_t acknowledgment);
  std::array<std::uint8_t, 64> buffer_{};  // 40 + 20 bytes at most
};

}  // namespace elblab::forwarding
