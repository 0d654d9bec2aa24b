// Conversations as a capture shows them: plain records in flat tables.
//
// A conversation is one TCP connection or one UDP flow. Its turns say who spoke when and how much;
// pauses are what the two programs took, as far as the place of the capture lets one tell: the time
// that the network takes, seen in the handshake, is taken off. Nothing here knows a balancer or a
// workload.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"

namespace elblab::pcap {

enum class Side : std::uint8_t { client, server };
constexpr Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

// Bytes in one direction without a word from the other side or a long pause (TCP), or one datagram
// (UDP).
struct Turn {
  // From the last byte of the turn before, or from the handshake, to the first of this one.
  Duration pause{0};
  std::uint64_t bytes = 0;  // payload, retransmissions not counted
  Side from = Side::client;
  Duration at{0};  // of its first byte, since the begin of the conversation
};

enum class Opening : std::uint8_t {
  handshake,  // seen from the SYN (TCP) or the first datagram on (UDP)
  midstream,  // TCP: the capture began when it was under way
};

// How TCP ended. Who sends the first FIN, or RST before any FIN, closes.
enum class Closing : std::uint8_t { client_fin, client_reset, server_fin, server_reset, none };

// Of the one side and the other.
template <typename T>
struct PerSide {
  T client{};
  T server{};
  T& operator[](Side side) { return side == Side::client ? client : server; }
  const T& operator[](Side side) const { return side == Side::client ? client : server; }
};

struct Conversation {
  Duration begin{0};   // SYN or first packet, since the first record of the capture
  Duration length{0};  // to the last packet
  Duration end{0};     // from the begin to the first FIN or RST; without one to the last packet
  Duration close_pause{0};       // from the last turn to the first FIN or RST
  Duration follow_pause{0};      // from the first FIN to the other side's
  Duration round_trip{0};        // of the network, client to server and back; 0: no handshake seen
  PerSide<std::uint64_t> bytes;  // payload
  PerSide<std::uint32_t> packets;
  std::uint32_t client = 0;  // index of its address
  std::uint32_t server = 0;  // index of its endpoint
  std::uint32_t first_turn = 0;
  std::uint32_t turns = 0;
  // What makes it known on both sides of a NAT. TCP: sequence number of the SYN, or of the first
  // packet seen; UDP: hash of the first datagram.
  PerSide<std::uint32_t> mark;
  std::uint16_t client_port = 0;
  net::Protocol protocol = net::Protocol::tcp;
  Opening opening = Opening::handshake;
  Closing closing = Closing::none;
  bool half_closed = false;  // the server still sent data after the client's FIN
};

// What was met besides conversations.
struct ExtractionCounts {
  std::uint64_t records = 0;
  std::uint64_t not_ip = 0;          // ARP and the like, and frames nobody can read
  std::uint64_t not_tcp_or_udp = 0;  // ICMP and the like
  std::uint64_t fragments = 0;       // without a transport header; the first of a packet counts
  std::uint64_t unreadable = 0;      // cut inside the headers, or damaged
  std::uint64_t tcp_packets = 0;
  std::uint64_t udp_packets = 0;
  std::uint64_t retransmissions = 0;  // TCP data seen before; duplicates of the capture as well
  std::uint64_t out_of_order = 0;     // TCP data that filled a hole
  std::uint64_t outside_window = 0;   // TCP data more than 2^30 from where the stream stands
  std::uint64_t duplicate_datagrams = 0;
  std::uint64_t unanswered = 0;    // connection attempts without any answer
  std::uint64_t refused = 0;       // ... answered by RST
  std::uint64_t half_open = 0;     // ... answered, and not gone on with by the client
  std::uint64_t stray = 0;         // flows of bare ACKs, FINs or RSTs, without begin or data
  std::uint64_t one_sided = 0;     // TCP conversations of which only one direction was seen
  std::uint64_t set_back = 0;      // times that the clock was set back (trace_clock.hpp)
  std::uint64_t gaps = 0;          // gaps of more than TraceClock::kGap, skipped
  std::uint64_t seen_twice = 0;    // conversations also captured on the other side of a NAT
  std::uint64_t turns_joined = 0;  // turns beyond kMostTurns of one conversation
  std::uint64_t not_kept = 0;      // conversations beyond kMostConversations
};

inline constexpr std::uint32_t kMostTurns = 4096;  // of one conversation
inline constexpr std::uint32_t kMostConversations = 10'000'000;
inline constexpr std::uint32_t kMostTurnsInAll = 50'000'000;

struct Conversations {
  std::vector<net::IpAddress> clients;
  std::vector<net::Endpoint> servers;
  std::vector<Conversation> list;  // by begin
  std::vector<Turn> turns;
  ExtractionCounts counts;
  Duration length{0};  // from the first record of the capture to the last
};

}  // namespace elblab::pcap
