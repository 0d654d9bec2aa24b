// What a workload of kind `conversations` plays: who talks when, how much in each direction, with
// which pauses, and how it ends. Made from a capture (pcap/conversations), or by hand.
//
// Plain values in three flat tables, shared read-only by all clients that play them: 40 bytes per
// conversation and 32 per exchange.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/time/instant.hpp"

namespace elblab::workload {

// Who ends a TCP conversation, and how.
enum class ConversationEnd : std::uint8_t {
  client_fin,
  client_half_close,  // the client finishes after its last request and still takes the answer
  client_reset,
  server_fin,
  server_reset,
  left_open,  // nobody: it is open when the run ends
  count_,     // not an end: the number of them
};
const char* to_string(ConversationEnd end);

// A request and its response. UDP: a datagram each; response_bytes 0 is one without an answer.
struct Exchange {
  Duration think{0};    // from the end of the exchange before (or the handshake) to this request
  Duration service{0};  // what the server waits, from the whole request to its response
  std::uint64_t request_bytes = 0;   // the header included: kRequestHeaderBytes at least
  std::uint64_t response_bytes = 0;  // 0: none; the exchange ends with the sending of the request
};

struct Conversation {
  Duration begin{0};  // connect, since the start of the script
  // client_fin, client_reset: from the end of the last exchange to the close. server_fin: from the
  // server's FIN to the client's own.
  Duration close_after{0};
  std::uint32_t client = 0;  // index of the client address
  std::uint32_t first_exchange = 0;
  std::uint32_t exchanges = 0;
  ConversationEnd end = ConversationEnd::client_fin;
};

struct ConversationScript {
  bool udp = false;
  std::uint32_t clients = 0;                // Conversation::client < clients
  std::vector<Conversation> conversations;  // by begin
  std::vector<Exchange> exchanges;
};

// How the playing went, summed over all clients of a workload; written by the thread of the world.
// played = as_captured + the sum of ended_differently + under way.
struct ConversationTally {
  enum class Difference : std::uint8_t {
    refused_locally,    // the own host had no port: no packet was sent
    refused,            // the connection was refused by RST
    unreachable,        // ... or by ICMP
    connect_timed_out,  // ... or never answered
    response_timed_out,
    reset,         // in the middle
    closed_early,  // the peer finished before it should
    never_closed,  // the server did not close as captured
    damaged,       // bytes that are not what was asked for
    no_reply,      // UDP: at least one reply is missing
    count_,        // not a difference: the number of them
  };
  static constexpr std::size_t kDifferences = static_cast<std::size_t>(Difference::count_);

  std::uint64_t played = 0;
  std::uint64_t as_captured = 0;
  std::array<std::uint64_t, kDifferences> ended_differently{};
  std::uint64_t bytes_to_server = 0;  // payload handed to sockets
  std::uint64_t bytes_to_client = 0;  // payload that arrived

  std::uint64_t different() const;
  std::uint64_t under_way() const { return played - as_captured - different(); }
};
const char* to_string(ConversationTally::Difference difference);

}  // namespace elblab::workload
