// What the forwarding tests share: a balancer to start from, packets in, packets out, records.
#pragma once

#include <string_view>
#include <vector>

#include "models/forwarding/balancer.hpp"
#include "models/forwarding/forwarder.hpp"
#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::forwarding {

using Bytes = std::vector<std::uint8_t>;

net::IpAddress ip(std::string_view text);
net::Endpoint at(std::string_view address, std::uint16_t port);
Instant after(Duration since_start);
Bytes from_hex(std::string_view hex);
std::string to_hex(const Bytes& bytes);

// Keeps what it is told.
class Notebook final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const telemetry::ConnectionRecord& connection) override {
    connections.push_back(connection);
  }
  void sample(telemetry::SeriesId, Instant, double) override {}
  bool wants_decisions() const override { return asks_for_decisions; }
  void decision(const telemetry::DecisionRecord& decision) override {
    decisions.push_back(decision);
  }
  bool keeps_decisions_of(const net::FlowKey& flow) override {
    return asks_for_decisions && flow.source.port < first_unkept_port;
  }
  std::size_t count(telemetry::EventKind kind) const;

  bool asks_for_decisions = false;  // set before the node is made
  std::uint32_t first_unkept_port = 65'536;
  std::vector<telemetry::DecisionRecord> decisions;
  std::vector<telemetry::Event> events;
  std::vector<telemetry::ConnectionRecord> connections;
};

class Basket final : public network::NodeOutput, public network::PortOutput {
 public:
  void send(std::span<const std::uint8_t> packet, network::Origin) override {
    packets.emplace_back(packet.begin(), packet.end());
  }
  void send(network::PortIndex port, std::span<const std::uint8_t> packet) override {
    ports.push_back(port);
    packets.emplace_back(packet.begin(), packet.end());
  }
  // Empties the basket, which must hold exactly one packet.
  Bytes only();

  std::vector<Bytes> packets;
  std::vector<network::PortIndex> ports;
};

// A balancer on a fabric of its own.
class RoutedBalancer {
 public:
  RoutedBalancer(const config::LoadBalancer& config,
                 const std::vector<telemetry::ObjectId>& node_objects,
                 std::vector<network::Route> routes, std::uint64_t hash_seed,
                 telemetry::Recorder& recorder)
      : balancer(config, node_objects, hash_seed, recorder),
        fabric(std::move(routes), node_objects.front(), recorder) {
    fabric.attach(balancer);
  }
  void receive(std::span<std::uint8_t> packet, Instant now, network::PortOutput& out) {
    fabric.receive(0, packet, now, out);
  }
  // Of fabric and balancer together.
  ForwarderCounters counters() const {
    const Balancer* const all[]{&balancer};
    return totals(fabric.counters(), all);
  }

  Balancer balancer;
  network::Fabric fabric;
};

// A packet taken apart, with both checksums recomputed in full.
struct Parsed {
  explicit Parsed(Bytes packet);
  Bytes bytes;
  net::PacketView view;
  net::FlowKey flow;
  bool sound = false;  // parsed, both checksums right
};

struct Segment {
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::size_t payload = 0;
  std::uint8_t time_to_live = 64;
};
Bytes tcp(const net::Endpoint& from, const net::Endpoint& to, const Segment& segment);
Bytes udp(const net::Endpoint& from, const net::Endpoint& to, std::size_t payload,
          std::uint8_t time_to_live = 64);
// With these bytes.
Bytes udp(const net::Endpoint& from, const net::Endpoint& to, const Bytes& payload);
Bytes icmp(const net::IpAddress& from, const net::IpAddress& to, std::uint8_t type,
           std::uint8_t code, std::uint32_t rest, const Bytes& body);

namespace flag {
inline constexpr std::uint8_t syn = net::tcp_flag::syn;
inline constexpr std::uint8_t ack = net::tcp_flag::ack;
inline constexpr std::uint8_t fin = net::tcp_flag::fin | net::tcp_flag::ack;
inline constexpr std::uint8_t rst = net::tcp_flag::rst;
inline constexpr std::uint8_t syn_ack = net::tcp_flag::syn | net::tcp_flag::ack;
}  // namespace flag

// 198.51.100.10 and 2001:db8:f::10; TCP listener "web" :80 -> "app" b1 10.0.2.1:90, b2 10.0.2.2:90
// (and the same over IPv6: 2001:db8:b::1, ::2); UDP listener "resolver" :53 -> "dns", the same
// servers. Client address kept (dedicated), or fullNAT (shared, IPv4 only).
config::LoadBalancer kept_address_balancer();
config::LoadBalancer full_nat_balancer();
inline const char* const kVirtual = "198.51.100.10";
inline const char* const kClient = "203.0.113.7";

// One node with its surroundings.
class Scene {
 public:
  explicit Scene(const config::LoadBalancer& balancer);

  // Gives the node a packet and returns what came out, which must be at most one packet.
  Bytes pass(Bytes packet, Instant now = kStart);
  // Runs the timers up to a moment as a world does, deadline by deadline.
  void run_to(Instant now);
  // A full handshake through the node; returns the flow that the server saw.
  net::FlowKey connect(const net::Endpoint& client, const net::Endpoint& to, Instant now = kStart);

  Notebook notebook;
  Basket basket;
  Forwarder node;
  const ForwarderCounters& counters() const { return node.counters(); }
  std::uint64_t dropped(telemetry::Reason reason) const {
    return counters().dropped[static_cast<std::size_t>(reason)];
  }
};

// Numbers that connect() uses: the first byte after each side's SYN.
inline constexpr std::uint32_t kClientNext = 1001;
inline constexpr std::uint32_t kServerNext = 5001;

}  // namespace elblab::forwarding
