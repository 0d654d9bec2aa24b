// The connections of a capture as a table for programs: CSV (RFC 4180), a line each, by begin.
#pragma once

#include <string>

#include "pcap/findings/service.hpp"

namespace elblab::findings {

// Times in seconds since the first record. Columns: protocol, client, server, begin_s, end_s,
// handshake, ending, failed, repeats (the number of the line that it passes on, from 1; empty:
// none), syns, syn_acks, and of either side packets, bytes, segments, retransmissions,
// out_of_order, captured_twice, keep_alives, resets; questions, answers, longest_answer_s.
std::string connections_as_csv(const Books& books);

}  // namespace elblab::findings
