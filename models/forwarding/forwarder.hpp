// One layer-4 node (an LVS node): takes packets, chooses servers, rewrites, passes on.
//
// Modes, per listener: DNAT with the client's address and port kept (FWD-10) or fullNAT with a
// source address and port from the node's pool (FWD-01, FWD-04..06). TCP state is tracked from the
// packets that pass; idle bindings end with RST to both sides (TO-03). The node answers ICMP echo
// to its own addresses (FWD-12) and translates ICMP errors that quote a translated flow.
//
// receive() rewrites the packet in place and sends it on through `out`, or drops it with a reason;
// it never allocates and never throws. Packets it makes itself (RST, echo reply) go out through
// `out` as well. Invariant, checked by conserved(): packets_in == packets_forwarded + dropped(all
// reasons) + packets_absorbed; packets_made counts what it originated. (A balancer adds what
// waits.)
//
// Ownership: the configuration is copied; recorder must outlive the node. Memory: at most 131
// bytes per connection, allocated as the table grows (amortised, never in receive() once reserved).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/forwarding/connection_cuts.hpp"
#include "models/forwarding/counters.hpp"
#include "models/forwarding/decision_teller.hpp"
#include "models/forwarding/flow_steering.hpp"
#include "models/forwarding/icmp_handler.hpp"
#include "models/forwarding/ledger.hpp"
#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/resets.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/sessions.hpp"
#include "models/forwarding/source_pools.hpp"
#include "models/net/packet_view.hpp"
#include "models/network/filter.hpp"
#include "models/network/node.hpp"
#include "models/telemetry/recorder.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

// What becomes of the connections of a server that an operation sends nothing more.
enum class OpenConnections : std::uint8_t { as_configured, kept };

struct NodeIdentity {
  unsigned index = 0;              // which LVS node of the balancer
  std::uint16_t place = 0;         // the zone that it is in, by number
  telemetry::ObjectId object = 0;  // as what it records
  std::uint64_t hash_seed = 0;     // seed of its tables
  // This node's part of the source pool. Disjoint over nodes, so that answers find their node.
  std::vector<net::IpAddress> source_addresses;
  // What shares flows out among the balancer's nodes; must outlive the node. nullptr: the only one.
  const FlowSteering* steering = nullptr;
  // Sticky sessions and connection IDs that the balancer's nodes share; must outlive the node, and
  // is configured before it. nullptr: none are.
  const SchedulingTables* shared_tables = nullptr;
};

// Of a group on a node: whom its table holds, and how often clients were sent where, and why.
struct StickinessFigures {
  const scheduling::StickinessTable* table = nullptr;  // maybe of several nodes; nullptr: off
  scheduling::StickyScheduler::Counts counts;
};

// Likewise of connection IDs.
struct ConnectionIdFigures {
  const scheduling::ConnectionIdTable* table = nullptr;  // maybe of several nodes; nullptr: none
  std::uint64_t flows_by_id = 0;  // new flows that went where the ID of their first datagram said
};

class Forwarder {
 public:
  // server_objects: what each server of each group records as, by [group][server]; may be empty.
  Forwarder(const config::LoadBalancer& balancer, NodeIdentity identity,
            telemetry::Recorder& recorder,
            const std::vector<std::vector<telemetry::ObjectId>>& server_objects = {});
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  void receive(std::span<std::uint8_t> packet, Instant now, network::NodeOutput& out);
  // Several packets of one instant, as a ring gives them: the same as receive() for each in turn,
  // but the tables' memory is fetched for many packets at a time, which with many flows is most of
  // a packet's cost. The packets must not overlap.
  void receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                     network::NodeOutput& out);
  // For a caller that has parsed the packet already; received_bytes counts link padding too.
  void receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
               network::NodeOutput& out);
  // As receive() if the node holds a binding for this answer, which is the packet's own flow or
  // belongs to what an ICMP error quotes. False if it holds none: the packet is left alone, so that
  // routing tells answers of forwarded flows from direct access (DIAG-02). key: of `answer`.
  bool receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                       const net::FlowKey& answer, LookupKey key, Instant now,
                       network::NodeOutput& out);
  // Look-ups without effect (Balancer::server_flow, holds_answer).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  bool holds_answer(const net::FlowKey& answer) const;
  std::optional<network::HeldFlow> held_flow(const net::FlowKey& answer) const;
  // In parts, for a caller that looks several packets up together (Fabric::look_up). `key` is that
  // of the packet's flow, by key().
  LookupKey key(const net::FlowKey& flow) const;
  void prefetch(const net::FlowKey& flow, LookupKey key) const;  // when it is received next
  void prefetch_index(const net::FlowKey& flow, LookupKey key) const;
  void prefetch_record(const net::FlowKey& flow, LookupKey key) const;
  bool holds_answer(const net::FlowKey& answer, LookupKey key) const;
  void receive(net::PacketView& packet, std::size_t received_bytes, const net::FlowKey& flow,
               LookupKey key, Instant now, network::NodeOutput& out);
  // The earliest instant at which advance() has something to do; kNever when idle.
  Instant next_deadline() const;
  void advance(Instant now, network::NodeOutput& out);

  // Ends the run: every open binding is recorded with Reason::run_ended.
  void finish(Instant now);

  // Makes room for this many connections ahead of time.
  void reserve(std::size_t connections);

  // An operation of an operator holds from now on (LIFE-01): weights, members and algorithms of
  // groups, idle timeouts, access lists and the transfer of client addresses of listeners. Groups,
  // listeners and servers are those it was made with, in their order. New connections follow it
  // (LIFE-02), and idle timeouts hold for open ones too; those of a server that left its group or
  // got weight 0 are cut at once or after the group's deregistration delay (LIFE-11, LIFE-12),
  // unless they are to be kept (LIFE-13). A listener whose transfer is switched drops everything
  // for a while (SRC-05); what was open goes on then as it began [M]. next_deadline() may come
  // earlier. O(servers), O(connections) where a timeout changed.
  void reconfigure(const config::LoadBalancer& balancer, OpenConnections open, Instant now);

  // Health or an operator took a server out of, or back into, scheduling (FWD-14, LIFE-24).
  void set_server_eligible(std::size_t group, std::size_t server, scheduling::Owner owner,
                           bool eligible);

  // The connections that a server has are cut, at the next advance(), which next_deadline() asks
  // for at once (OPEN-14). O(connections).
  void cut_connections(std::size_t group, std::size_t server, telemetry::Reason reason,
                       Instant now);

  const ForwarderCounters& counters() const;
  SessionGauges gauges() const;
  // Connections of each server, current and ever scheduled, by [group][server].
  std::uint32_t active_connections(std::size_t group, std::size_t server) const;
  std::uint64_t scheduled_connections(std::size_t group, std::size_t server) const;
  // As the scheduler sees it: 0 while the server is not eligible.
  std::uint8_t effective_weight(std::size_t group, std::size_t server) const;
  // What the access list of a listener did not admit; by its index in the configuration.
  const network::BlockedTraffic& blocked(std::size_t listener) const { return blocked_[listener]; }
  StickinessFigures stickiness(std::size_t group) const;
  ConnectionIdFigures connection_ids(std::size_t group) const;
  // Bytes held by tables and records, for the bytes-per-connection figure.
  std::size_t memory_bytes() const;

 private:
  // A packet's flow and its key, found once per packet. The flow stays where it was put
  // together: a copy of what was just written would wait until all of it is there.
  struct Lookup {
    const net::FlowKey& flow;
    LookupKey key;
  };

  void accept(net::PacketView& packet, const Lookup& lookup, Instant now, network::NodeOutput& out);
  void from_client(net::PacketView& packet, const Lookup& lookup, Instant now,
                   network::NodeOutput& out);
  void from_server(net::PacketView& packet, const Lookup& lookup, Instant now,
                   network::NodeOutput& out);
  void answer(net::PacketView& packet, ConnectionId id, Instant now, network::NodeOutput& out);
  void reconfigure_listeners(const config::LoadBalancer& balancer, Instant now);
  void reconfigure_server(const config::BackendGroup& group, std::size_t g, std::size_t s,
                          OpenConnections open, Instant now);
  // kNoConnection when the packet was dropped.
  ConnectionId open(const net::PacketView& packet, const net::FlowKey& flow, Instant now,
                    network::NodeOutput& out);
  ConnectionId find_or_open(const net::PacketView& packet, const Lookup& lookup, Instant now,
                            network::NodeOutput& out);
  bool is_martian(const net::IpAddress& source) const;
  // Whether a client's datagram belongs to a QUIC connection at another server than its binding's:
  // a NAT has given the port of one client to another.
  bool is_of_another_server(const net::PacketView& packet, const Connection& connection);

  // In the order in which they refer to each other.
  Ledger ledger_;
  ListenerTable listeners_;
  ServerDirectory servers_;
  std::optional<DecisionTeller> decisions_;  // where somebody wants to know
  SourcePools sources_;
  AddressBook book_;
  Sessions sessions_;
  IcmpHandler icmp_;
  ConnectionCuts cuts_;
  ResetBuilder resets_;
  std::vector<network::BlockedTraffic> blocked_;  // by listener

  bool is_interrupted(std::uint16_t listener, Instant now) const {
    return now < interrupted_until_ && now < listener_interrupted_until_[listener];
  }
  std::vector<Instant> listener_interrupted_until_;  // by listener, once any was
  Instant interrupted_until_ = kStart;               // the last of them
};

}  // namespace elblab::forwarding
