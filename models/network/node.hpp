// Anything in the network that takes packets and gives packets: a balancer, a NAT box.
//
// A Fabric asks its nodes whether a packet is theirs (claim), hands it to the one whose it is, and
// routes what that one sends. Hosts are no nodes: they end connections behind a link of their own.
//
// Pure: bytes and time in, bytes out, events to the recorder that the node was made with. Calls
// come from one thread. What receive() and advance() send stands in memory of the packet received
// or of the node's own, and is the callee's only during the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/net/packet_view.hpp"
#include "models/time/instant.hpp"

namespace elblab::network {

// Whether a packet is one that came in, translated, or one that its sender made. Who sends it says
// it: nobody can tell from the bytes.
enum class Origin : std::uint8_t { received, made };

class NodeOutput {
 public:
  virtual ~NodeOutput() = default;
  // One whole IP packet.
  virtual void send(std::span<const std::uint8_t> packet, Origin origin) = 0;
};

// Whose a packet is, as a node sees it, with what the node has found out for it on the way.
struct Claim {
  enum class Kind : std::uint8_t {
    none,     // not this node's
    certain,  // addressed to it, or otherwise its own whatever happens
    answer,   // its own if it holds a flow that the packet answers; otherwise to be routed (a
              // server's own traffic, direct access)
  };
  Kind kind = Kind::none;
  bool looked_up = false;   // `key` is there
  std::uint16_t part = 0;   // of the node, which may stand for several machines
  std::uint16_t place = 0;  // where that part is, by the number of its Fabric
  std::uint64_t key = 0;    // where the node's look-up begins, as it understands it
  net::FlowKey flow;        // of the packet; of an ICMP error: the answer to what it quotes
};

// A flow of a node that a packet answers.
struct HeldFlow {
  Instant since;      // when it began
  bool over = false;  // both sides have closed, or one has reset; it lingers
};

// Of a node since the start of the run, for the balance of packets: what it was given is what it
// sent on, took for itself, dropped, or keeps; what it sent is what it sent on and what it made.
struct NodeCounts {
  std::uint64_t packets_in = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_made = 0;
  std::uint64_t packets_kept = 0;  // wait inside now
  bool conserved = true;           // by the node's own books
};

class Node {
 public:
  virtual ~Node() = default;

  // Addresses whose packets are certain to be this node's. Do not change during a run.
  virtual std::vector<net::IpAddress> addresses() const = 0;
  // What stands behind it, as hosts behind a NAT box. It is asked about what comes from there
  // before the owner of the destination is, and about what goes to its addresses after all others:
  // a server's answer to such a host is its balancer's first. No address stands behind two nodes.
  // Does not change during a run.
  virtual std::vector<net::Subnet> inside() const { return {}; }

  virtual Claim claim(const net::PacketView& packet) const = 0;
  // For a caller that works on several packets at once: fetches what receive() of a packet with
  // ports will look up first, and then, when that has come, the record it names. No effect on what
  // happens. The claim is good as long as neither packet nor node has changed.
  virtual void look_ahead(Claim&) const {}
  virtual void prefetch_record(const Claim&) const {}
  // The flow that a packet of this claim of kind answer answers; nullopt: none is held.
  virtual std::optional<HeldFlow> held_flow(const Claim& claim) const = 0;

  // `claim` is the node's own of this packet, not of kind none. received_bytes counts link padding
  // too. False only for kind answer, when no flow is held: the packet is left alone.
  virtual bool receive(net::PacketView& packet, std::size_t received_bytes, const Claim& claim,
                       Instant now, NodeOutput& out) = 0;

  // Whether network ACLs and security groups do not hold for a packet between ports, because it
  // belongs to a flow of this node that they leave alone (ACL-31, ACL-32). Asked of packets that
  // they would drop.
  virtual bool exempts(const net::PacketView&) const { return false; }

  // The earliest instant at which advance() has something to do; kNever when idle.
  virtual Instant next_deadline() const = 0;
  virtual void advance(Instant now, NodeOutput& out) = 0;
  // Ends the run: what is open is recorded.
  virtual void finish(Instant now) = 0;

  virtual NodeCounts counts() const = 0;
};

}  // namespace elblab::network
