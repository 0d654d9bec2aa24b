// Where a peer and its servers live: the loopback of a namespace of its own. Every port is free
// there, so ports are constants, and with them what peers hash of their servers; all of 127.0.0.0/8
// is there for clients; and nobody else can come in.
#pragma once

#include "live/network/network_namespace.hpp"

namespace elblab::peers {

// The thread, and what it starts, is in the namespace for the life of the object.
class PeerNetwork {
 public:
  // Throws what the system refused.
  PeerNetwork();
  ~PeerNetwork();
  PeerNetwork(const PeerNetwork&) = delete;
  PeerNetwork& operator=(const PeerNetwork&) = delete;

  const live::NetworkNamespace& network() const { return network_; }

 private:
  live::NetworkNamespace network_;
};

}  // namespace elblab::peers
