// What a relay does, as plain values: shared by the scenario language, which fills them, and the
// worlds, which run them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::relay {

// From which of its addresses a relay connects: what the balancer takes for the client (STK-09).
enum class EgressChoice : std::uint8_t {
  per_request,     // any, for every request anew
  per_connection,  // one for each connection of a client, drawn when it is accepted
  per_client,      // one for each address of a client, by a hash of it
};

struct RelayParameters {
  net::Endpoint destination;
  std::vector<net::IpAddress> egress;  // of the destination's family, the host's own; at least one
  EgressChoice choice = EgressChoice::per_request;
  // How long a connection to the destination is kept idle for a further request; 0: each request
  // has one of its own.
  Duration keep_alive{0};
  // From when a request could have been sent on to the last byte of its answer; also how long it
  // waits for its turn.
  Duration timeout = std::chrono::seconds(60);
  std::uint32_t connections = 4096;  // requests at the destination at once, and idle connections
  std::uint32_t queue = 4096;        // requests that wait for their turn; more are refused
};

}  // namespace elblab::relay
