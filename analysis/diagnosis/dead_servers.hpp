// Servers that do not do their work, and how one sees it: a port that nobody listens on, a host
// that is gone or cut off, one that takes packets and says nothing.
//
// Only what a server did all the time counts: one that refuses or overlooks some connects while it
// takes others is slow, lossy or restarted, and no dead one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis/servers.hpp"
#include "scenarios/language/known_causes.hpp"

namespace elblab::diagnosis {

enum class Death : std::uint8_t {
  refuses,              // it answers SYNs by RST: nothing listens on the port
  closed_port,          // ... and datagrams by ICMP port unreachable, as far as its limit allows
  receives_nothing,     // it has connections, and not one packet reaches its host
  answers_nothing,      // it is sent SYNs, and completes no handshake
  answers_no_datagram,  // ... or datagrams, and answers none while others of its group answer
};

struct DeadServer {
  std::string server;  // "app/b1"
  Death how = Death::refuses;
  Curve when;        // 1 while it is, else 0
  Curve amount;      // connects refused; datagrams that met the closed port; SYNs, flows unanswered
  bool sure = true;  // false: what is seen fits something else as well
  // The cause that answers for it: another one where a health check leaves it in service.
  language::CauseId blamed = language::CauseId::dead_server;
};

// `lost`: packets that are missing (packet_book.hpp), nullopt: not known. In the order of servers
// and of Death. O(servers × columns).
std::vector<DeadServer> find_dead_servers(const Observations& seen, const SessionBook& sessions,
                                          const std::optional<Curve>& lost);

}  // namespace elblab::diagnosis
