// A layer-4 balancer as the network sees it: K LVS nodes behind one virtual address.
//
// A packet for the virtual address goes to the node chosen by a hash of the client's endpoint
// (ECMP); an answer to a pool address goes to the node that owns it; with the client's address
// kept, a packet from a server's endpoint that belongs to a group goes to the node chosen by the
// same hash of its destination, so both directions of a flow meet one node - if that node holds a
// binding for it. Everything else is none of its business: the Fabric it is attached to routes it.
//
// Where the virtual address is public (balancer.eip), its bandwidth bounds the traffic with
// clients: see public_address.hpp. A packet that waits for bandwidth is copied, and goes on in
// advance().
//
// Pure: same contract as network::Node. The configuration is copied; recorder must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/forwarding/departures.hpp"
#include "models/forwarding/flow_steering.hpp"
#include "models/forwarding/forwarder.hpp"
#include "models/forwarding/ledger.hpp"
#include "models/forwarding/public_address.hpp"
#include "models/network/fabric.hpp"
#include "models/network/node.hpp"

namespace elblab::forwarding {

class Balancer final : public network::Node {
 public:
  // node_objects: one recording identity per LVS node (balancer.nodes.lvs of them).
  Balancer(const config::LoadBalancer& balancer,
           const std::vector<telemetry::ObjectId>& node_objects, std::uint64_t hash_seed,
           telemetry::Recorder& recorder,
           const std::vector<std::vector<telemetry::ObjectId>>& server_objects = {});
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  std::vector<net::IpAddress> addresses() const override { return steering_.own_addresses(); }
  network::Claim claim(const net::PacketView& packet) const override {
    return steering_.asks_every_node() ? by_asking(steering_.claim(packet))
                                       : steering_.claim(packet);
  }
  void look_ahead(network::Claim& claim) const override;
  void prefetch_record(const network::Claim& claim) const override;
  std::optional<network::HeldFlow> held_flow(const network::Claim& claim) const override;
  // What keeps the client's address, where rules do not hold for it (ACL-31, ACL-32), and ICMP
  // errors about it.
  bool exempts(const net::PacketView& packet) const override;
  bool receive(net::PacketView& packet, std::size_t received_bytes, const network::Claim& claim,
               Instant now, network::NodeOutput& out) override;
  Instant next_deadline() const override;
  void advance(Instant now, network::NodeOutput& out) override;
  void finish(Instant now) override;
  network::NodeCounts counts() const override;

  // The flow towards the server (source -> server) of the binding that a client's flow (client ->
  // virtual address) has; nullopt when it has none. O(1).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  // Whether a packet of this flow (server -> source) would be taken for the answer of a binding.
  bool holds_answer(const net::FlowKey& answer) const;
  // Of a claim that was looked up ahead.
  bool holds_answer(const network::Claim& claim) const;

  // What the public address let through; nullopt where none limits.
  std::optional<PublicAddressFigures> public_address() const;
  // Changes that limit from now on (BW-04); without one it does nothing. next_deadline() may come
  // earlier.
  void set_bandwidth(double bits_per_second, Instant now);

  // Whether flows that would conflict get a source port of their own (conflict: remap).
  bool remaps() const { return remaps_; }

  // An operation holds from now on, on every node at once: see Forwarder::reconfigure, and the
  // bandwidth of the public address. next_deadline() may come earlier.
  void reconfigure(const config::LoadBalancer& balancer, OpenConnections open, Instant now);

  // A zone goes out of service, or comes back: packets go to the nodes of the others, and its own
  // stand still meanwhile. next_deadline() may come earlier.
  void set_place_up(std::uint16_t place, bool up);
  // Why it takes part in nothing: frozen (LIFE-27), or no_address while none is bound to it
  // (HC-19); none: it works.
  telemetry::Reason halted() const { return halted_; }

  std::size_t nodes() const { return nodes_.size(); }
  Forwarder& node(std::size_t index) { return *nodes_[index]; }
  const Forwarder& node(std::size_t index) const { return *nodes_[index]; }
  // Sum over the nodes, plus what the public address dropped or keeps.
  ForwarderCounters counters() const;
  SessionGauges gauges() const;
  // What the access list of a listener did not admit (MET-32); by its index in the configuration.
  network::BlockedTraffic blocked(std::size_t listener) const;
  // Of sticky sessions of a group, over all nodes.
  struct Stickiness {
    std::uint64_t clients = 0;  // in the tables, those too whose time is over
    std::uint64_t capacity = 0;
    scheduling::StickyScheduler::Counts counts;
  };
  Stickiness stickiness(std::size_t group) const;
  // Of the connection IDs of a QUIC group, over all nodes.
  struct ConnectionIds {
    std::uint64_t known = 0;
    std::uint64_t capacity = 0;
    std::uint64_t flows_by_id = 0;
  };
  ConnectionIds connection_ids(std::size_t group) const;

 private:
  class Outgoing;

  // The claim of an answer, with the node that holds its flow where the hash does not tell.
  network::Claim by_asking(const network::Claim& claim) const;
  network::Claim claim_of(const net::FlowKey& flow) const {
    return steering_.asks_every_node() ? by_asking(steering_.claim(flow)) : steering_.claim(flow);
  }
  bool hand_to_node(net::PacketView& packet, std::size_t received_bytes,
                    const network::Claim& claim, Instant now, network::NodeOutput& out);
  // Whether it is the answer of a binding that keeps the client's address.
  bool is_kept_answer(const net::FlowKey& answer) const;
  // Whether a packet may go to the nodes now, for all the public address says.
  bool passes_limit(const net::PacketView& packet, std::size_t received_bytes, Instant now,
                    network::NodeOutput& out);
  void release_arrivals(Instant now, network::NodeOutput& out);

  // What comes while it takes part in nothing: dropped, but for what is none of its business.
  bool refuse(std::size_t received_bytes, const network::Claim& claim, Instant now);
  bool stands_still(std::size_t node) const { return !still_.empty() && still_[node]; }

  FlowSteering steering_;
  bool bypasses_rules_;
  bool remaps_;
  SchedulingTables shared_tables_;
  std::vector<std::unique_ptr<Forwarder>> nodes_;
  std::vector<std::uint16_t> node_places_;
  std::vector<bool> still_;  // by node; empty while every place is up
  telemetry::Reason halted_ = telemetry::Reason::none;
  Ledger limit_ledger_;  // of what the public address dropped, and what came while it was halted
  std::optional<PublicAddress> public_address_;  // with a limit of bandwidth
  std::optional<Departures> departures_;         // where there is one
  std::uint64_t waiting_bytes_in_ = 0;           // as received, link padding included
};

// A fabric and the balancers on it as one: what the balancers count, with what was routed past them
// and dropped before or behind them. Bytes are the balancers' alone.
ForwarderCounters totals(const network::FabricCounters& fabric,
                         std::span<const Balancer* const> balancers);

}  // namespace elblab::forwarding
