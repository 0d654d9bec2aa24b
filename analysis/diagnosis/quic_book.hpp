// What became of QUIC connections at servers: datagrams of connections that a server does not know,
// which it resets, and whether their clients had changed their address before.
//
// A client that goes on from another address or port is a new flow to the balancer, and no new
// connection to a server. So of the flows that begin at a server, those beyond the connections that
// it accepts go on with a connection there was. Datagrams that it disowns are theirs, as many as
// there are such flows at the time; others belong to connections that it has forgotten.
#pragma once

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

struct QuicBook {
  Curve disowned;    // datagrams of connections that their server did not know
  Curve moved;       // of these, those of clients that had changed their address or port
  double paths = 0;  // flows that began, each client's endpoint once
  double begun = 0;  // connections that servers accepted
  // False: servers count users' sessions with them, so that `moved` is not known.
  bool is_told = true;
};

// A trace in which nothing was disowned costs nothing; else O(connections).
QuicBook read_quic(const Observations& seen);

}  // namespace elblab::diagnosis
