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
// Where the virtual address is public (balancer.eip), its bandwidth bounds the traffic with
// clients: see public_address.hpp. A packet that waits for bandwidth is copied, and goes on in
// advance().
//
// Ports are numbered by the world (one per link). Pure: same contract as Forwarder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/forwarding/flow_steering.hpp"
#include "models/forwarding/forwarder.hpp"
#include "models/forwarding/public_address.hpp"

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
  // For a caller that has parsed the packet already; received_bytes counts link padding too.
  void receive(net::PacketView& packet, std::size_t received_bytes, Instant now, PortOutput& out);
  // Several packets of one instant, as a ring gives them: the same as receive() for each in turn,
  // with the tables' memory fetched for many packets at a time. The packets must not overlap.
  void receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                     PortOutput& out);
  // For a caller whose packets come at instants of their own: what receive() would look up first,
  // found out ahead for several packets, so that their memory is fetched together. look_up() brings
  // a packet's index slot nearer, prefetch_record(), when that has come, the record it names; then
  // receive(). Without effect on what happens; good as long as the packet is not changed.
  struct Lookup {
    FlowSteering::Target target;
    std::uint32_t hash = 0;
    bool known = false;  // false: of a packet without ports; nothing is looked up ahead
  };
  Lookup look_up(const net::PacketView& packet) const;
  void prefetch_record(const Lookup& lookup) const;
  void receive(net::PacketView& packet, std::size_t received_bytes, const Lookup& lookup,
               Instant now, PortOutput& out);

  // The flow towards the server (source -> server) of the binding that a client's flow (client ->
  // virtual address) has; nullopt when it has none. O(1).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  // Whether a packet of this flow (server -> source) would be taken for the answer of a binding.
  bool holds_answer(const net::FlowKey& answer) const;
  bool holds_answer(const Lookup& lookup) const;

  Instant next_deadline() const;
  void advance(Instant now, PortOutput& out);
  void finish(Instant now);

  // What the public address let through; nullopt where none limits.
  std::optional<PublicAddressFigures> public_address() const;
  // Changes that limit from now on (BW-04); without one it does nothing. next_deadline() may come
  // earlier.
  void set_bandwidth(double bits_per_second, Instant now);

  std::size_t nodes() const;
  Forwarder& node(std::size_t index);
  const Forwarder& node(std::size_t index) const;
  // Sum over the nodes, plus what was dropped before or behind them (no_route, malformed,
  // bandwidth_exceeded).
  ForwarderCounters counters() const;
  SessionGauges gauges() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::forwarding
