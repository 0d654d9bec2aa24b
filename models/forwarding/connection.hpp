// One binding of a client's flow to a server, as a node keeps it.
//
// Split by use: Connection is one cache line and all that an established packet touches;
// ConnectionDetail is read when a binding opens, changes its phase or ends. Both are plain data;
// what repeats (server, listener, source address) is held as a small number.
//
// A binding has two names. A ConnectionId says where its line stands, for as long as no binding
// opens or ends. A ConnectionNumber is its own for as long as it lives: of its detail, its timer.
#pragma once

#include <array>
#include <cstdint>

#include "models/net/address.hpp"
#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

using ConnectionId = std::uint32_t;
using ConnectionNumber = std::uint32_t;
inline constexpr std::uint32_t kNoConnection = 0xFFFFFFFF;  // of either name

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
  // fullNAT: the one taken (SourcePort). Else 0, or the port that stands for the client's (remap).
  std::uint32_t source_port;
  BindingState state;
  std::uint8_t seen;
  std::uint8_t retransmissions_low;  // segments that brought nothing new, low byte
  bool full_nat : 1;
  bool shadowed : 1;          // a newer binding holds the return path (FTC-15)
  bool same_port : 1;         // the server's port is virtual_port (config::ServerPort::listening)
  std::uint32_t last_active;  // TimerWheel ticks, truncated
  // Sequence numbers (RFC 9293): the end of what each side sent, and what it has acknowledged,
  // which is exactly the rcv_nxt that a RST towards it must carry.
  std::uint32_t client_next;
  std::uint32_t client_ack;
  std::uint32_t server_next;
  std::uint32_t server_ack;
  std::uint32_t payload_up_low;  // client -> server bytes, low half
  std::uint32_t payload_down_low;
  ConnectionNumber number;
};
static_assert(sizeof(Connection) == 64);

// A cache line to itself, so that a packet touches one.
struct alignas(64) ConnectionLine : Connection {};

// An Instant that needs no room to be aligned.
class PackedInstant {
 public:
  PackedInstant() = default;
  explicit PackedInstant(Instant at)
      : low_(static_cast<std::uint32_t>(at.time_since_epoch().count())),
        high_(static_cast<std::int32_t>(at.time_since_epoch().count() >> 32)) {}
  Instant instant() const { return Instant(Duration((std::int64_t{high_} << 32) | low_)); }

 private:
  std::uint32_t low_;
  std::int32_t high_;
};

struct ConnectionDetail {
  PackedInstant opened_at;
  PackedInstant established_at;
  std::uint32_t client_hash;  // which leads to the line; of a free one: the next free number
};
static_assert(sizeof(ConnectionDetail) == 20);

// What did not fit the low halves of a line.
struct ConnectionCarry {
  std::uint32_t payload_up = 0;  // in units of 2^32 bytes
  std::uint32_t payload_down = 0;
  std::uint32_t retransmissions = 0;  // in units of 2^8
};

}  // namespace elblab::forwarding
