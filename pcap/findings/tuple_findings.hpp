// Two connections with one 5-tuple (FTC-01): on the server's side a SYN on the ports of a
// connection that is open; on the client's side connections to two addresses from one port, of
// which one breaks while the other begins.
#pragma once

#include <set>
#include <string>

#include "pcap/findings/service.hpp"

namespace elblab::findings {

struct SharedTuples {
  // What it accounts for, by number: nobody else is to blame for these.
  std::set<std::uint32_t> connections;
  std::string evidence;
};

SharedTuples find_shared_tuples(const Books& books);

}  // namespace elblab::findings
