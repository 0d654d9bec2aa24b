// One TCP connection or UDP flow as its packets show it: how it began, what was asked and answered,
// how it ended. Nothing here knows a balancer.
//
// Times are of the trace clock (pcap/conversations/trace_clock.hpp), since the first record. About
// 600 bytes each. Sources: RFC 9293 §3.5 (handshake, resets), RFC 7413 (Fast Open), RFC 5961
// (challenge ACKs).
#pragma once

#include <array>
#include <cstdint>

#include "models/net/flow_key.hpp"
#include "pcap/conversations/conversation.hpp"
#include "pcap/streams/stream_side.hpp"

namespace elblab::streams {

using pcap::PerSide;
using pcap::Side;

inline constexpr Duration kNotSeen{-1};

// How a TCP connection began.
enum class Handshake : std::uint8_t {
  whole,          // SYN, SYN+ACK, and the client went on
  half_seen,      // its SYN, or its SYN+ACK, is not in the capture; yet it was open
  under_way,      // open before the capture began
  unanswered,     // SYNs that nothing came back for
  client_silent,  // answered by SYN+ACK, of which the client takes no notice
  client_reset,   // answered by SYN+ACK, and reset by the client: a check or a scan
  refused,        // answered by RST
  unreachable,    // answered by an ICMP error
  met_another,    // answered by an ACK of another connection (TIME_WAIT, or a 5-tuple in use)
  not_judged,     // the capture ended too soon after the SYN, or after the SYN+ACK
  stray,          // a bare reset, FIN or acknowledgment: nothing to be told
};
const char* to_string(Handshake handshake);

// How TCP ended.
enum class Ending : std::uint8_t {
  open,          // still, when the capture ended
  closed,        // by FIN, or by a reset when nothing was owed any more
  server_reset,  // from the server's direction, while the client waited for an answer
  client_reset,  // by the client, while it waited for an answer
  client_left,   // by FIN of the client, which had waited for an answer
  server_left,   // by FIN of the server, which never answered
  forgotten,     // after a silence, sent again and again without a word from the other side
};
const char* to_string(Ending ending);

struct Connection {
  net::Endpoint client;  // who seems to be
  net::Endpoint server;
  std::uint32_t hash = 0;
  net::Protocol protocol = net::Protocol::tcp;
  bool oriented = false;  // a SYN, or a first datagram, showed who is the client
  Duration begin{0};
  Duration last{0};
  PerSide<Duration> last_packet{kNotSeen, kNotSeen};

  // TCP
  PerSide<StreamSide> sides;
  Duration syn_at = kNotSeen;  // the first
  Duration last_syn_at = kNotSeen;
  Duration syn_ack_at = kNotSeen;
  Duration established_at = kNotSeen;
  Duration reset_at = kNotSeen;
  Duration closed_at = kNotSeen;  // the first FIN
  Duration silence_before_reset{0};
  Duration silence_before_question{0};
  PerSide<std::uint32_t> first_sequence;  // of the SYN and its answer
  std::uint16_t syns = 0;                 // without those captured twice
  std::uint16_t syn_acks = 0;
  std::uint16_t syn_acks_in_vain = 0;  // sent again after the client's acknowledgment
  std::uint16_t foreign_acks = 0;      // that answered a SYN and acknowledged something else
  Side reset_from = Side::client;
  Side closed_from = Side::client;
  std::uint8_t reset_hop_limit = 0;
  std::uint8_t server_hop_limit = 0;  // of the SYN+ACK
  std::uint8_t client_hop_limit = 0;  // of the SYN
  bool refused = false;
  bool reset = false;
  bool second_server = false;  // a SYN+ACK with another number than the first
  bool reset_owed = false;     // at the reset a question was open
  bool unreachable = false;
  bool ports_used_before = false;  // by a connection of this capture, which this one follows
  bool took_over = false;          // ... that was open, and had spoken within kAlive
  bool taken_over = false;         // by such a one
  bool crossed_gap = false;        // the clock jumped while it was open: its times say nothing
  // The client's acknowledgments move on though nothing of the server is captured, or the reverse.
  PerSide<std::uint32_t> first_acknowledged;
  PerSide<std::uint32_t> last_acknowledged;
  PerSide<bool> acknowledges{false, false};

  // Questions and answers. TCP: turns of the client, and what the server says next. UDP: datagrams
  // of the client, and one of the server for each.
  std::uint32_t questions = 0;
  std::uint32_t answers = 0;
  std::uint32_t late_answers = 0;  // UDP: after the client had asked again
  std::uint32_t asked_again = 0;   // UDP: the same question from the same port
  bool owed = false;               // the last question is not answered yet
  Duration asked_at{0};            // the last byte of the last question
  Duration answer_time_sum{0};
  Duration longest_answer_time{0};
  // Of the first payload bytes of either side, 0: none. Full proxies keep them.
  PerSide<std::uint32_t> first_payload;
  PerSide<Duration> first_payload_at{kNotSeen, kNotSeen};
  // UDP
  std::uint32_t last_question = 0;  // hash of its payload
  std::uint32_t since_answer =
      0;                         // questions since the server's last datagram, without repetitions
  std::uint32_t unmatched = 0;   // answers that begin like no open question
  std::uint32_t pushed_out = 0;  // questions of which more were open than `open_questions` holds
  std::array<std::uint16_t, 16> open_questions{};  // their first two bytes: an identifier, often
  std::uint8_t open_count = 0;

  // The round trip that the handshake shows; 0: not seen.
  Duration round_trip() const {
    return syn_at == kNotSeen || established_at == kNotSeen || crossed_gap || syns > 1
               ? Duration{0}
               : established_at - syn_at;
  }
  const StreamCounts& counts(Side side) const { return sides[side].counts(); }
  bool is_tcp() const { return protocol == net::Protocol::tcp; }
};

// A handshake, or a question, younger than that when the capture ended is not judged: Linux sends a
// SYN again after 1 s (RFC 6298 §2).
inline constexpr Duration kTooYoung = std::chrono::milliseconds(1500);
// A connection that spoke so shortly before has not been given up by its ends.
inline constexpr Duration kAlive = std::chrono::seconds(60);
// A client that closes sooner than that after its last word did not wait for an answer.
inline constexpr Duration kPatience = std::chrono::seconds(1);
// Of a SYN that is not sent again before the capture ends.
inline constexpr Duration kGivenUp = std::chrono::seconds(3);

// end: of the capture.
Handshake handshake_of(const Connection& connection, Duration end);
Ending ending_of(const Connection& connection);
// Open, as both sides knew.
bool was_established(Handshake handshake);
// UDP: questions that nobody answered, those left out that were asked just before the end.
std::uint32_t unanswered_questions(const Connection& connection, Duration end);
// Packets of one side alone, though they show that the other one spoke.
bool lacks_direction(const Connection& connection, Side* missing);

}  // namespace elblab::streams
