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
// reasons) + packets_absorbed; packets_made counts what it originated. (A cluster adds what waits.)
//
// Ownership: the configuration is copied; recorder must outlive the node. Memory: at most 128
// bytes per connection, allocated as the table grows (amortised, never in receive() once reserved).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "models/config/load_balancer.hpp"
#include "models/net/packet_output.hpp"
#include "models/net/packet_view.hpp"
#include "models/telemetry/recorder.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

struct NodeIdentity {
  unsigned index = 0;              // which LVS node of the cluster
  telemetry::ObjectId object = 0;  // as what it records
  std::uint64_t hash_seed = 0;     // seed of its tables
  // This node's part of the source pool. Disjoint over nodes, so that answers find their node.
  std::vector<net::IpAddress> source_addresses;
};

struct ForwarderCounters {
  std::uint64_t packets_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t packets_forwarded = 0;
  std::uint64_t bytes_forwarded = 0;
  std::uint64_t packets_absorbed = 0;  // taken for itself: echo requests answered
  std::uint64_t packets_made = 0;      // originated: RST on idle, echo replies
  // A cluster's, for the bandwidth of its public address: packets that wait (they are neither
  // forwarded nor dropped yet), and of packets_made those that wait or were dropped.
  std::uint64_t packets_waiting = 0;
  std::uint64_t made_unsent = 0;
  // The client side alone, both ways (m5..m8).
  std::uint64_t packets_from_clients = 0;
  std::uint64_t packets_to_clients = 0;
  std::uint64_t bytes_from_clients = 0;
  std::uint64_t bytes_to_clients = 0;
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_closed = 0;
  std::uint64_t idle_timeouts = 0;
  std::uint64_t five_tuple_conflicts = 0;  // FTC-01
  std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)> dropped{};

  std::uint64_t dropped_total() const;
  // What left: forwarded or made.
  std::uint64_t packets_sent() const { return packets_forwarded + packets_made - made_unsent; }
  bool conserved() const {
    return packets_in + made_unsent ==
           packets_forwarded + packets_absorbed + dropped_total() + packets_waiting;
  }
};

// Gauges, counted as they change (O(1) to read).
struct SessionGauges {
  std::uint64_t established = 0;      // m2
  std::uint64_t not_established = 0;  // m3, TCP only
  std::uint64_t udp = 0;
  std::uint64_t source_ports_in_use = 0;
  std::uint64_t source_ports = 0;  // that there are (BW-10)
  std::uint64_t all() const { return established + not_established + udp; }  // m1
};

class Forwarder {
 public:
  // server_objects: what each server of each group records as, by [group][server]; may be empty.
  Forwarder(const config::LoadBalancer& balancer, NodeIdentity identity,
            telemetry::Recorder& recorder,
            const std::vector<std::vector<telemetry::ObjectId>>& server_objects = {});
  ~Forwarder();
  Forwarder(Forwarder&&) noexcept;
  Forwarder& operator=(Forwarder&&) noexcept;

  void receive(std::span<std::uint8_t> packet, Instant now, net::PacketOutput& out);
  // Several packets of one instant, as a ring gives them: the same as receive() for each in turn,
  // but the tables' memory is fetched for many packets at a time, which with many flows is most of
  // a packet's cost. The packets must not overlap.
  void receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                     net::PacketOutput& out);
  // For a caller that has parsed the packet already; received_bytes counts link padding too.
  void receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
               net::PacketOutput& out);
  // As receive() if the node holds a binding for this answer, which is the packet's own flow or
  // belongs to what an ICMP error quotes. False if it holds none: the packet is left alone, so that
  // routing tells answers of forwarded flows from direct access (DIAG-02).
  bool receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                       const net::FlowKey& answer, Instant now, net::PacketOutput& out);
  // Look-ups without effect (Cluster::server_flow, holds_answer).
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  bool holds_answer(const net::FlowKey& answer) const;
  // In parts, for a caller that looks several packets up together (Cluster::look_up). `hash` is
  // that of the packet's flow, by hash().
  std::uint32_t hash(const net::FlowKey& flow) const;
  void prefetch_index(const net::FlowKey& flow, std::uint32_t hash) const;
  void prefetch_record(const net::FlowKey& flow, std::uint32_t hash) const;
  bool holds_answer(const net::FlowKey& answer, std::uint32_t hash) const;
  void receive(net::PacketView& packet, std::size_t received_bytes, const net::FlowKey& flow,
               std::uint32_t hash, Instant now, net::PacketOutput& out);
  bool receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                       const net::FlowKey& answer, std::uint32_t hash, Instant now,
                       net::PacketOutput& out);
  // The earliest instant at which advance() has something to do; kNever when idle.
  Instant next_deadline() const;
  void advance(Instant now, net::PacketOutput& out);

  // Ends the run: every open binding is recorded with Reason::run_ended.
  void finish(Instant now);

  // Makes room for this many connections ahead of time.
  void reserve(std::size_t connections);

  // Health or an operator took a server out of, or back into, scheduling (FWD-14, LIFE-24).
  void set_server_eligible(std::size_t group, std::size_t server, bool eligible);
  // Applied to new connections only (LIFE-01, LIFE-02).
  void set_server_weight(std::size_t group, std::size_t server, std::uint8_t weight);

  const ForwarderCounters& counters() const;
  SessionGauges gauges() const;
  // Connections of each server, current and ever scheduled, by [group][server].
  std::uint32_t active_connections(std::size_t group, std::size_t server) const;
  std::uint64_t scheduled_connections(std::size_t group, std::size_t server) const;
  // As the scheduler sees it: 0 while the server is not eligible.
  std::uint8_t effective_weight(std::size_t group, std::size_t server) const;
  // Bytes held by tables and records, for the bytes-per-connection figure.
  std::size_t memory_bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elblab::forwarding
