// The network of one place: ports to links, attached nodes, and the routes between them.
//
//   port -> receive -> [from behind a node -> node.receive -> what it sends enters again]
//                      [a node's own?    -> the same]
//                      [answer to a flow that a node holds -> the same]
//                      [a route          -> time to live - 1 -> port]
//                      [none             -> dropped, no_route]
//
// A packet that no node claims is routed by its destination, so that clients can reach servers
// directly (DIAG-02, DIAG-07). Several nodes may hold a flow that one packet answers - two
// balancers that keep the client's address, over one server: the five-tuple conflict across
// balancers (FTC-02, FTC-15). One of them gets it, as ReturnPath says, and the packet is counted as
// disputed.
//
// A node that stands before others (a NAT box, Node::inside) comes first for what they send and for
// errors about what they got, and last for what is sent to it or to them. What it sends is not
// given to it again, nor to another such node unless it owns the destination.
//
// What a node sends towards another node (a balancer's server that is another balancer) goes on
// after the first is done with its packet, at most kMostHops times; its time to live bounds it too.
//
// A node may stand for machines in several places, each with a Fabric: it is attached to all of
// them, its claim says where the machine is, and the packet goes on towards that place.
//
// A packet longer than its port takes is dropped and its sender told (RFC 1191, RFC 8201).
//
// Filters stand before ports and nodes (filters.hpp): what they do not admit is dropped, with a
// reason that says which. A Fabric without filters does not look for them.
//
// Every packet is accounted for: packets_in + from_nodes + made == packets_out + to_nodes +
// dropped. Pure: same contract as Node; no allocation per packet but for hops between nodes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/net/endpoint_map.hpp"
#include "models/net/icmp.hpp"
#include "models/net/packet_view.hpp"
#include "models/network/fabric_watch.hpp"
#include "models/network/filters.hpp"
#include "models/network/node.hpp"
#include "models/network/return_path.hpp"
#include "models/network/route_table.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::network {

class PortOutput {
 public:
  virtual ~PortOutput() = default;
  virtual void send(PortIndex port, std::span<const std::uint8_t> packet) = 0;
};

struct FabricCounters {
  std::uint64_t packets_in = 0;   // from ports
  std::uint64_t packets_out = 0;  // to ports
  std::uint64_t to_nodes = 0;
  std::uint64_t from_nodes = 0;
  std::uint64_t made = 0;          // by the fabric itself: ICMP about packets that were too long
  std::uint64_t made_dropped = 0;  // of dropped, those that a node had made
  std::uint64_t disputed = 0;      // answers that flows of several nodes claimed
  std::array<std::uint64_t, static_cast<std::size_t>(telemetry::Reason::count_)> dropped{};

  std::uint64_t dropped_total() const;
  bool conserved() const {
    return packets_in + from_nodes + made == packets_out + to_nodes + dropped_total();
  }
};

class Fabric {
 public:
  // Bounds the way of one packet through nodes.
  static constexpr unsigned kMostHops = 16;

  // object: as what it records drops. recorder must outlive the fabric.
  Fabric(std::vector<Route> routes, telemetry::ObjectId object, telemetry::Recorder& recorder);

  // Before the run, where there are several places: this one's number, and the port towards each
  // other; what it has to say to senders, it says from this address.
  void set_place(std::uint16_t place, std::vector<PortIndex> towards);
  // Packets of more bytes do not pass the port.
  void set_mtu(PortIndex port, std::uint32_t bytes);

  // Before the run. Nodes must outlive the fabric; their order decides where no rule does. Several
  // may have one address: a packet to it is given to the first whose claim says that it is its own.
  // object: as what the watch is told of the node. at_home: this fabric runs its timers; of a node
  // attached to several, one does.
  void attach(Node& node, telemetry::ObjectId object = 0, bool at_home = true);
  // Out of service, every packet is dropped; a fault.
  void set_up(bool up) { up_ = up; }
  // Must outlive the fabric; nullptr: nobody.
  void watch(FabricWatch* watch) { watch_ = watch; }
  void set_return_path(ReturnPath return_path) { return_path_ = return_path; }
  // Filters must outlive the fabric, and may be set at any time: of a port; of the subnet that an
  // address of an attached node lies in.
  void set_filters(PortIndex port, const PortFilters& filters);
  void set_node_acl(const net::IpAddress& own_address, Filter* network_acl);

  void receive(PortIndex from, std::span<std::uint8_t> packet, Instant now, PortOutput& out);
  // Several packets of one instant, as a ring gives them: the same as receive() for each in turn,
  // with the memory of tables fetched for many packets at a time. The packets must not overlap.
  void receive_batch(PortIndex from, std::span<const std::span<std::uint8_t>> packets, Instant now,
                     PortOutput& out);

  // For a caller whose packets come at instants of their own: what receive() would look up first,
  // found out ahead for several packets, so that their memory is fetched together. look_up() brings
  // the slots of an index nearer, prefetch_record(), when those have come, the record; then
  // receive(). Without effect on what happens; good as long as the packet is not changed.
  struct Lookup {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::uint32_t node = kNone;  // kNone: nothing is looked up ahead
    Claim claim;
    bool known() const { return node != kNone; }
  };
  // found: put together in place, for a copy of what was just written waits until all of it is.
  void look_up(const net::PacketView& packet, Lookup& found) const;
  void prefetch_record(const Lookup& lookup) const;
  // Of a parsed packet; received_bytes counts link padding too.
  void receive(PortIndex from, net::PacketView& packet, std::size_t received_bytes,
               const Lookup& lookup, Instant now, PortOutput& out);

  Instant next_deadline() const;
  void advance(Instant now, PortOutput& out);
  void finish(Instant now);

  const RouteTable& routes() const { return routes_; }
  const FabricCounters& counters() const { return counters_; }

 private:
  class Emission;
  struct Attached {
    Node* node = nullptr;
    telemetry::ObjectId object = 0;
    bool at_home = true;
    bool stands_before = false;  // others: Node::inside
  };
  struct Hop {
    std::vector<std::uint8_t> bytes;
    Origin origin = Origin::received;
    unsigned hops = 0;
  };

  void refuse(net::ParseError error, Instant now);
  // at: the object whose filter refuses it; 0: none.
  void drop(telemetry::Reason reason, const net::FlowKey& flow, Instant now,
            telemetry::ObjectId at = 0);
  // The one whose claim is certain, or the first that may hold a flow.
  Lookup find_claim(const net::PacketView& packet) const;
  Lookup find_claim_among_several(const net::PacketView& packet) const;
  Lookup claim_of(std::uint32_t node, const net::PacketView& packet) const;
  // Of the nodes behind the first that share the packet's destination.
  Lookup claim_of_sharers(const net::PacketView& packet) const;
  // Of nodes that stand before others: about what these send, and about what is sent to them.
  Lookup claim_to_leave(const net::PacketView& packet) const;
  Lookup claim_to_enter(const net::PacketView& packet) const;
  // from: the filters where it comes from.
  void dispatch(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                const PortFilters& from, Instant now, PortOutput& out, unsigned hops);
  // Of an answer that several nodes may hold a flow of.
  void dispatch_answer(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                       const PortFilters& from, Instant now, PortOutput& out, unsigned hops);
  void hand_or_route(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                     const PortFilters& from, Instant now, PortOutput& out, unsigned hops);
  // The node among several whose flow a packet answers; kNone: none holds one. refused: several do,
  // and none is to get it.
  Lookup settle(const net::PacketView& packet, const Lookup& first, bool& refused);
  bool goes_before(const HeldFlow& flow, const HeldFlow& other) const;
  void route(net::PacketView& packet, const PortFilters& from, Instant now, PortOutput& out);
  void pass_on(net::PacketView& packet, PortIndex port, const PortFilters& from, Instant now,
               PortOutput& out);
  bool fits(PortIndex port, std::size_t bytes) const {
    return port >= mtu_bytes_.size() || bytes <= mtu_bytes_[port];
  }
  // Drops a packet that does not fit, and tells its sender.
  void refuse_length(std::span<const std::uint8_t> packet, PortIndex port, Instant now);
  // Hands the packet over, unless the claim is an answer that the node holds no flow of.
  bool hand_to_node(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                    const PortFilters& from, Instant now, PortOutput& out, unsigned hops);
  void depart(const Attached& from, std::span<const std::uint8_t> packet, Origin origin,
              Instant now, PortOutput& out, unsigned hops);
  void run_hops(Instant now, PortOutput& out);

  Filters& filters();
  // Where there are filters: those of where a packet to this address goes, or of a node's address.
  PortFilters filters_towards(const net::IpAddress& destination) const;
  PortFilters filters_of_node(const net::IpAddress& address) const;
  // Where there are filters: whether a packet may leave a port, reach an address of a node, go from
  // a node to a port. What may not is dropped.
  bool may_leave(const PortFilters& from, const net::PacketView& packet, Instant now);
  bool may_reach_node(const PortFilters& from, const net::PacketView& packet, Instant now);
  bool may_depart(std::span<const std::uint8_t> packet, PortIndex port, Origin origin, Instant now);
  bool passes_unless(const Refusal& refused, const net::PacketView& packet, Instant now);

  RouteTable routes_;
  telemetry::ObjectId object_;
  telemetry::Recorder& recorder_;
  std::vector<Attached> nodes_;
  net::EndpointMap owners_;  // own addresses of nodes -> index
  // Further nodes of an address that another owns: the owner is asked first, then these in turn.
  std::vector<std::pair<net::IpAddress, std::uint32_t>> sharers_;
  std::unique_ptr<Filters> filters_;  // where there are any
  std::vector<Route> inside_routes_;
  std::optional<RouteTable> inside_;  // addresses behind nodes -> index; none: no node has any
  ReturnPath return_path_ = ReturnPath::newest;
  std::uint16_t place_ = 0;
  std::vector<PortIndex> towards_;        // by place
  std::vector<std::uint32_t> mtu_bytes_;  // by port; none beyond its end
  bool up_ = true;
  FabricCounters counters_;
  FabricWatch* watch_ = nullptr;
  std::array<std::uint8_t, net::kLongestNotice> notice_{};
  std::vector<Hop> waiting_;  // packets from node to node
};

}  // namespace elblab::network
