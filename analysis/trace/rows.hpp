// Rows of the tables with names instead of numbers, as Reader hands them out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/telemetry/recorder.hpp"
#include "models/time/instant.hpp"

namespace elblab::trace {

// Endpoints are written "10.0.0.1:80", "[2001:db8::1]:80"; empty where there is none.
struct EventRow {
  std::uint64_t id = 0;  // from 1, in the order of writing
  Instant at;
  std::string kind;
  std::string reason;
  std::string object;
  std::string peer;
  std::string protocol;
  std::string source;
  std::string destination;
  std::int64_t value = 0;

  bool operator==(const EventRow&) const = default;
};

struct ConnectionRow {
  std::uint64_t id = 0;  // from 1, in the order of writing
  std::string object;
  std::string peer;
  std::string role;
  std::string reason;
  std::string protocol;
  std::string source;
  std::string destination;
  std::string translated_source;
  std::string translated_destination;
  Instant opened_at;
  Instant established_at = kNever;  // kNever: never established
  Instant closed_at;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t retransmissions = 0;

  bool operator==(const ConnectionRow&) const = default;
};

// What a client address had from a server. client "": those beyond the limit, together.
struct TrafficRow {
  std::string client;
  std::string server;  // empty: none was chosen
  std::uint64_t connections = 0;
  std::uint64_t failed = 0;          // TCP, never established
  std::uint64_t bytes_sent = 0;      // payload, client -> server
  std::uint64_t bytes_received = 0;  // payload, server -> client

  bool operator==(const TrafficRow&) const = default;
};

// What happened to a packet at one place. Of UDP the TCP fields are 0.
struct PacketRow {
  std::uint64_t id = 0;          // from 1; those of one connection follow each other
  std::uint64_t connection = 0;  // the id of its PacketConnectionRow
  Instant at;
  std::string object;  // where: a host, a link, the balancer
  telemetry::PacketAction action = telemetry::PacketAction::sent;
  std::string reason;  // of a drop
  std::string protocol;
  std::string source;  // as seen there: after the balancer forwarded it, the rewritten ones
  std::string destination;
  std::uint8_t tcp_flags = 0;  // net::tcp_flag
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint16_t window = 0;  // as in the header, not scaled
  std::uint32_t payload_bytes = 0;
  std::uint16_t mss = 0;        // 0: not offered
  bool has_timestamps = false;  // RFC 7323
  std::uint32_t timestamp_value = 0;
  std::uint32_t timestamp_echo = 0;

  bool operator==(const PacketRow&) const = default;
};

// A connection whose packets were kept.
struct PacketConnectionRow {
  std::uint64_t id = 0;  // from 1
  std::string choice;    // why: "first_of_host", ... (telemetry::PacketChoice)
  std::string reason;    // how it ended badly, or why a packet was dropped
  std::string protocol;
  std::string source;  // client -> server, as the client saw it
  std::string destination;
  std::string translated_source;  // towards the server; empty where nothing was forwarded
  std::string translated_destination;
  Instant first_at;  // of its packets
  Instant last_at;
  std::uint64_t first_packet = 0;  // ids of its PacketRows
  std::uint64_t last_packet = 0;
  std::uint64_t left_out = 0;  // rows in the middle that were not kept

  bool operator==(const PacketConnectionRow&) const = default;
};

// A five-tuple conflict: a flow that began while another with the same source and server lived, and
// that came by another virtual endpoint (conflict_rows.hpp). Words are those of the lookup tables.
struct ConflictRow {
  std::uint64_t id = 0;  // from 1, by time
  Instant at;            // when the later flow began
  std::string protocol;
  std::string client;  // the tuple that both share
  std::string server;
  std::string earlier_node;
  std::string earlier_destination;
  std::string later_node;
  std::string later_destination;
  std::string scope;                     // "node", "nodes", "balancers"
  std::string earlier_state;             // "established", ...
  std::string outcome;                   // of the later flow: "accepted", "broken", ...
  std::string earlier_outcome;           // of the earlier one
  std::uint64_t earlier_connection = 0;  // ids of the sessions' ConnectionRows
  std::uint64_t later_connection = 0;
  // Who opened them, and from which endpoint, which a NAT box may have changed; empty: not
  // recorded.
  std::string earlier_host;
  std::string earlier_source;
  std::string later_host;
  std::string later_source;

  bool operator==(const ConflictRow&) const = default;
};

// What a run's schedulers decided, in the order of writing: chosen[i] is an index into servers.
struct Decisions {
  std::vector<std::string> servers;  // "app/b1", each once, in the order of their registration
  std::vector<std::uint32_t> chosen;
};

}  // namespace elblab::trace
