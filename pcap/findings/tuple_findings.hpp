// Two connections with one 5-tuple (FTC-01): on the server's side a SYN on the ports of a connection
// that is open; on the client's side connections to two addresses from one port that break each other.
#pragma once

#include <set>

#include "pcap/findings/judgement.hpp"

namespace elblab::findings {

// The connections that it accounts for, by number: nobody else is to blame for them.
std::set<std::uint32_t> find_shared_tuples(Judgement& judgement);

}  // namespace elblab::findings
