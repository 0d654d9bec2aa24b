// Finds five-tuple conflicts over a whole trace and writes a row for each (FTC-01).
//
// Two flows of clients meet at a server with one 5-tuple: their source is kept, and they lead to the
// same endpoint. Neither balancer need know of the other's flow, nor one node of another's; the trace
// knows all. A conflict is a flow that begins while another with the same tuple lives, or rests in the
// server's TIME_WAIT, and that came by another virtual endpoint: a client that uses its own flow's port
// again is no conflict.
//
// Of each: both flows, who held them, what the server's socket of the earlier one was doing (FTC-14),
// and what became of the later and of the earlier. O(n log n) in the sessions of the trace; nothing is
// read where no two ways lead to one server.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/trace/database.hpp"
#include "analysis/trace/rows.hpp"

namespace elblab::trace {

// Names stand in the table of the same name (schema.cpp), in this order.
enum class ConflictScope : std::uint8_t { node, nodes, balancers };
enum class EarlierState : std::uint8_t { unknown, syn_received, established, time_wait, closed };
enum class ConflictOutcome : std::uint8_t {
  unknown,    // its client's end was not seen
  accepted,   // the connection came about and ended well
  delayed,    // it came about after its SYN had to be sent again, and ended well
  broken,     // it had come about, and then ended badly
  reset,      // it did not come about: reset or refused
  timed_out,  // it did not come about: no answer in time
};

// After the last row, before the trace is marked complete. False: the tables could not be read or
// written.
bool write_conflicts(const Database& database);

// Reader::conflicts. False when the table cannot be read to the end.
bool read_conflicts(const Database& database, std::vector<ConflictRow>& rows);

}  // namespace elblab::trace
