// Which connections of a trace match a filter, in the order of a column: what a list of millions of
// rows asks before it shows a page.
//
// For a worker thread: give it a Reader of its own (one thread per Reader) and a flag that another
// thread sets to end the query. Reader::connections() then shows the rows of any page.
//
// Time: O(rows of the blocks that hold a matching class and time), about 0.3 us a row; memory 16
// bytes per match while it sorts, 8 per id of the result.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::trace {

// A connection matches when all parts do. Of a list, any entry; an empty one matches everything.
struct ConnectionFilter {
  std::vector<std::string> objects;    // who saw it: "c1"
  std::vector<std::string> peers;      // the chosen server: "app/b1"
  std::vector<std::string> roles;      // "client", "server", "session"
  std::vector<std::string> reasons;    // "closed_by_local"
  std::vector<std::string> protocols;  // "tcp"
  // Of one of its ends, translated ones too: "10.0.0.1", "10.0.0.1:80", "[2001:db8::1]:80" or
  // ":80". What is none of these matches nothing.
  std::string endpoint;
  // Alive at some moment of from <= t < to.
  Instant from = kStart;
  Instant to = kNever;
  std::uint64_t least_retransmissions = 0;
  bool with_packets = false;  // only those whose packets were kept
};

enum class ConnectionColumn : std::uint8_t {
  id,  // the order of writing: that of ends
  opened_at,
  closed_at,
  duration,
  connect_time,  // those never established last
  bytes_sent,
  bytes_received,
  retransmissions,
  source,  // by the address's first occurrence, then by port
  destination,
  object,  // by the order of registration, like peer
  peer,
  role,
  reason,
  protocol,
};

struct ConnectionOrder {
  ConnectionColumn by = ConnectionColumn::id;
  bool descending = false;
};

// Ids in that order, equal ones in the order of ids; nullopt when `cancel` was set, or when the
// trace could not be read (Reader::problem() then says so). A growing trace: those there now.
std::optional<std::vector<std::uint64_t>> find_connections(const Reader& reader,
                                                           const ConnectionFilter& filter,
                                                           const ConnectionOrder& order,
                                                           const std::atomic<bool>& cancel);

}  // namespace elblab::trace
