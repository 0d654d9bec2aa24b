// What a host's own sockets know about its connections and no packet tells: told by whoever holds
// the sockets to whoever watches the packets (connection_watch.hpp).
#pragma once

#include "models/net/flow_key.hpp"
#include "models/telemetry/recorder.hpp"
#include "models/time/instant.hpp"

namespace elblab::observation {

// Flows are those of the connection, client to server.
class SilentEnds {
 public:
  virtual ~SilentEnds() = default;
  // connect() was refused for want of a local port: no SYN was sent.
  virtual void refused_locally(const net::FlowKey& flow, Instant now) = 0;
  // A connection ended without a packet that says so: given up before it was established, or its
  // retransmissions ran out. One that has ended already stays as it is.
  virtual void ended_silently(const net::FlowKey& flow, telemetry::Reason reason, Instant now) = 0;
};

}  // namespace elblab::observation
