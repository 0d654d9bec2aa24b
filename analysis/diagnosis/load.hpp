// What was asked of the service and how it went: the books in which every cause has to find what
// it claims.
//
// Three identities hold in every run, whatever its size, and everything is reckoned from them:
//   requests    wanted = answered + failed + under way
//   SYNs        one that nobody answers is sent again, or its connection is given up
//   packets     sent by hosts and made by the balancer = received by hosts + dropped or taken by
//   the
//               balancer + lost on the way (packet_book.hpp)
// A trace without workloads and hosts (a replay) has sessions of the balancer in their place.
#pragma once

#include <optional>
#include <string>

#include "analysis/diagnosis/quic_book.hpp"
#include "analysis/diagnosis/servers.hpp"

namespace elblab::diagnosis {

// What ended as it should not have, per column.
struct Failures {
  Curve refused;      // connects refused on the client itself: no packet was sent
  Curve unanswered;   // connects given up after SYNs without an answer
  Curve rejected;     // connects answered by RST
  Curve unreachable;  // datagrams answered by ICMP port unreachable
  Curve reset;        // requests whose connection was reset
  Curve disowned;     // requests on QUIC connections that their server did not know, and reset
  Curve broken;       // requests that failed otherwise: no whole answer, or none in time
  // Requests that had waited for their answer for long when the run ended.
  double left = 0;

  double total() const;
};

// What the balancer's sessions show of servers and network, where no host was watched. Of TCP.
struct SessionSigns {
  double established = 0;    // handshakes completed
  double unanswered = 0;     // SYNs that no server answered
  double retransmitted = 0;  // established sessions in which segments were sent again
  // False: the capture holds no answers at all, so that nothing can be said.
  bool both_directions = true;
  // The server that left most of them unanswered, of those that answered some.
  std::string worst_server;
  double worst_unanswered = 0;
  double worst_established = 0;
};

struct Load {
  Curve wanted;    // requests; of a replay: new sessions
  Curve answered;  // in full
  Curve slow;      // answered, but later than the workload's threshold
  Failures failures;
  // One connection per request: a failed connect is a failed request.
  bool connection_per_request = true;
  double attempts = 0;  // to connect: SYNs without the repeated ones, and those refused
  // SYNs without an answer, as the clients saw it.
  Curve syns_unanswered;
  // Requests wanted and not ended, mean of the column; and how many would be under way if each took
  // no longer than in the best column.
  Curve under_way;
  Curve usually_under_way;
  // Packets lost between hosts and balancer: not dropped by anyone. nullopt: not observable.
  std::optional<Curve> lost_on_the_way;
  double packets_sent = 0;               // by all hosts
  std::optional<SessionSigns> sessions;  // of a replay
  // How many columns before its end a request may have met its trouble.
  std::size_t patience = 1;
};

Load observe_load(const Observations& seen, const SessionBook& sessions, const QuicBook& quic);

// ICMP unreachables that servers sent: who sent the datagram knows at once.
Curve unreachables_of_servers(const Observations& seen);

// Hosts that opened connections, and the others that took part.
bool is_client(const Observations& seen, const std::string& host);

}  // namespace elblab::diagnosis
