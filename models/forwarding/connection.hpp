// One binding of a client's flow to a server, as a node keeps it.
//
// Split by use: Connection is one cache line and all that an established packet touches;
// ConnectionDetail is read when a binding opens, conflicts or ends. Both are plain data, numbered
// by ConnectionId; what repeats (server, listener, source address) is held as a small number.
#pragma once

#include <array>
#include <cstdint>

#include "models/net/address.hpp"
#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

using ConnectionId = std::uint32_t;
inline constexpr ConnectionId kNoConnection = 0xFFFFFFFF;  // tables::HandleIndex::kNone

enum class BindingState : std::uint8_t {
  syn_sent,      // TCP: the client's SYN passed
  syn_received,  // TCP: the server's SYN+ACK passed
  established,   // TCP: the client's ACK passed
  closing,       // TCP: one FIN at least, not both acknowledged
  closed,        // TCP: both FINs acknowledged, or RST
  udp,
};

enum class Side : std::uint8_t { client, server };

// What a TcpTracker has seen, as bits of Connection::seen.
namespace seen {
inline constexpr std::uint8_t client_fin = 0x01;
inline constexpr std::uint8_t server_fin = 0x02;
inline constexpr std::uint8_t client_fin_acked = 0x04;
inline constexpr std::uint8_t server_fin_acked = 0x08;
inline constexpr std::uint8_t server_first = 0x10;  // the server's FIN or RST came first
inline constexpr std::uint8_t reset = 0x20;
inline constexpr std::uint8_t server_acked = 0x40;  // server_ack holds a number
inline constexpr std::uint8_t client_acked = 0x80;
}  // namespace seen

struct Connection {
  std::array<std::uint8_t, 16> client_address;  // as net::IpAddress::bytes()
  std::uint16_t client_port;
  std::uint16_t virtual_port;
  std::uint16_t server;    // number in the ServerDirectory
  std::uint16_t listener;  // number in the ListenerTable
  // fullNAT: the source port taken (SourcePort). Client address kept: the older binding that this
  // one shadows on the return path, or kNoConnection (FTC-15). Never both: fullNAT cannot conflict.
  std::uint32_t source_port_or_older;
  BindingState state;
  std::uint8_t seen;
  bool full_nat;
  bool shadowed;              // a newer binding holds the return path
  std::uint32_t last_active;  // TimerWheel ticks, truncated
  // Sequence numbers (RFC 9293): the end of what each side sent, and what it has acknowledged,
  // which is exactly the rcv_nxt that a RST towards it must carry.
  std::uint32_t client_next;
  std::uint32_t client_ack;
  std::uint32_t server_next;
  std::uint32_t server_ack;
  std::uint32_t payload_up_low;  // client -> server bytes, low half
  std::uint32_t payload_down_low;
  std::uint32_t retransmissions;  // segments that brought nothing new
};
static_assert(sizeof(Connection) == 64);

struct ConnectionDetail {
  Instant opened_at;
  Instant established_at;
  std::uint16_t payload_up_high;
  std::uint16_t payload_down_high;
  ConnectionId newer;  // the binding that shadows this one, or kNoConnection
};
static_assert(sizeof(ConnectionDetail) == 24);

// A cache line to itself, so that a packet touches one.
struct alignas(64) ConnectionLine : Connection {};

}  // namespace elblab::forwarding
