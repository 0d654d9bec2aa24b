// The state of one flow while its packets come by: what both protocols have, and TCP's streams.
#pragma once

#include <cstdint>

#include "pcap/conversations/conversation.hpp"
#include "pcap/conversations/packet_headers.hpp"
#include "pcap/conversations/turn_pool.hpp"

namespace elblab::pcap {

// One direction of a TCP connection, in its own sequence numbers (which wrap).
struct Stream {
  bool known = false;  // a packet of it was seen
  bool acknowledged_known = false;
  bool finished = false;
  std::uint32_t next = 0;          // behind the highest byte seen
  std::uint32_t acknowledged = 0;  // by the other side
  std::uint32_t hole_begin = 0;    // the latest gap; empty: begin == end
  std::uint32_t hole_end = 0;
  Duration last_data{0};
};

struct Flow {
  static constexpr Duration kNotSeen{-1};

  net::Endpoint client;  // who seems to be; see `oriented`
  net::Endpoint server;
  std::uint32_t hash = 0;
  net::Protocol protocol = net::Protocol::tcp;
  Opening opening = Opening::handshake;
  Closing closing = Closing::none;
  bool oriented = true;  // false: neither end has been seen to open it
  bool half_closed = false;
  bool refused = false;
  Duration begin{0};  // all times since the first record
  Duration last{0};
  Duration last_data{0};
  Side last_speaker = Side::client;
  PerSide<std::uint64_t> bytes;
  PerSide<std::uint32_t> packets;
  PerSide<std::uint32_t> mark;
  TurnList turns;
  // TCP
  PerSide<Stream> streams;
  Duration syn_at = kNotSeen;
  Duration syn_ack_at = kNotSeen;
  Duration established_at = kNotSeen;
  Duration closed_at = kNotSeen;    // the first FIN, or RST
  Duration followed_at = kNotSeen;  // the other side's FIN
  // UDP
  PerSide<std::uint16_t> identification;

  bool over() const {
    return closing == Closing::client_reset || closing == Closing::server_reset ||
           (streams.client.finished && streams.server.finished);
  }
};

}  // namespace elblab::pcap
