// The balancer as the network sees it: K layer-4 nodes behind one virtual address, and the routing
// between clients, nodes and servers.
//
// A packet for the virtual address goes to the node chosen by a hash of the client's endpoint
// (ECMP); an answer to a pool address goes to the node that owns it; with the client's address
// kept, a packet from a server's endpoint that belongs to a group goes to the node chosen by the
// same hash of its destination, so both directions of a flow meet one node - if that node holds a
// binding for it. Everything else is routed by destination address between ports, so that clients
// can reach servers directly (DIAG-02, DIAG-07).
//
// Ports are numbered by the world (one per link). Pure: same contract as Forwarder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/forwarding/forwarder.hpp"

namespace elblab::forwarding {

using PortIndex = std::uint32_t;

class PortOutput {
 public:
  virtual ~PortOutput() = default;
  virtual void send(PortIndex port, std::span<const std::uint8_t> packet) = 0;
};

struct Route {
  net::Subnet destination;  // longest prefix wins
  PortIndex port = 0;
};

class Cluster {
 public:
  // node_objects: one recording identity per LVS node (balancer.nodes.lvs of them).
  Cluster(const config::LoadBalancer& balancer,
          const std::vector<telemetry::ObjectId>& node_objects, std::vector<Route> routes,
          std::uint64_t hash_seed, telemetry::Recorder& recorder,
          const std::vector<std::vector<telemetry::ObjectId>>& server_objects = {});
  ~Cluster();
  Cluster(Cluster&&) noexcept;

  void receive(std::span<std::uint8_t> packet, Instant now, PortOutput& out);
  Instant next_deadline() const;
  void advance(Instant now, PortOutput& out);
  void finish(Instant now);

  std::size_t nodes() const;
  Forwarder& node(std::size_t index);
  const Forwarder& node(std::size_t index) const;
  // Sum over the nodes, plus what the routing itself dropped (no_route, malformed).
  ForwarderCounters counters() const;
  SessionGauges gauges() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::forwarding
