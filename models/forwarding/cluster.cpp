#include "models/forwarding/cluster.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "models/forwarding/departures.hpp"
#include "models/forwarding/ledger.hpp"
#include "models/forwarding/public_address.hpp"
#include "models/random/stream.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

class Cluster::Impl {
 public:
  Impl(const config::LoadBalancer& balancer, const std::vector<telemetry::ObjectId>& objects,
       std::vector<Route> routes, std::uint64_t hash_seed, telemetry::Recorder& recorder,
       const std::vector<std::vector<telemetry::ObjectId>>& server_objects);

  void receive(std::span<std::uint8_t> packet, Instant now, PortOutput& out);
  void receive(net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out);
  void receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                     PortOutput& out);
  Lookup look_up(const net::PacketView& packet) const;
  void prefetch_record(const Lookup& lookup) const {
    if (lookup.known) {
      nodes[lookup.target.node].prefetch_record(lookup.target.flow, lookup.hash);
    }
  }
  void receive(net::PacketView& view, std::size_t bytes, const Lookup& lookup, Instant now,
               PortOutput& out);
  bool holds_answer(const Lookup& lookup) const {
    return lookup.known && nodes[lookup.target.node].holds_answer(lookup.target.flow, lookup.hash);
  }
  std::optional<net::FlowKey> server_flow(const net::FlowKey& client_flow) const;
  bool holds_answer(const net::FlowKey& answer) const;
  Instant next_deadline() const;
  void advance(Instant now, PortOutput& out);
  ForwarderCounters counters() const;

  std::vector<Forwarder> nodes;
  std::optional<PublicAddress> public_address;  // with a limit of bandwidth

 private:
  class RoutedOutput;

  void refuse(net::ParseError error, std::size_t bytes, Instant now);
  bool hand_to_node(net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out);
  void route(net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out);
  // Whether a packet may go to the nodes now, for all the public address says.
  bool passes_limit(const net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out);
  void release_arrivals(Instant now, PortOutput& out);
  void serve(net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out) {
    if (!hand_to_node(view, bytes, now, out)) route(view, bytes, now, out);
  }

  FlowSteering steering_;
  Ledger routing_;  // of what the routing itself forwarded and dropped
  Departures departures_;
  std::uint64_t waiting_bytes_in_ = 0;  // as received, link padding included
};

// What a node sends while it works on a packet, or on its timers (received: empty).
class Cluster::Impl::RoutedOutput final : public net::PacketOutput {
 public:
  RoutedOutput(Impl& cluster, std::span<const std::uint8_t> received, Instant now, PortOutput& out)
      : cluster_(cluster), received_(received), now_(now), out_(out) {}

  void send(std::span<const std::uint8_t> packet) override {
    cluster_.departures_.send(packet, lies_in_received(packet) ? Origin::received : Origin::made,
                              now_, out_);
  }

 private:
  // What a node made itself stands in memory of its own.
  bool lies_in_received(std::span<const std::uint8_t> packet) const {
    const std::less<const std::uint8_t*> before;
    return !received_.empty() && !before(packet.data(), received_.data()) &&
           before(packet.data(), received_.data() + received_.size());
  }

  Impl& cluster_;
  std::span<const std::uint8_t> received_;
  Instant now_;
  PortOutput& out_;
};

Cluster::Impl::Impl(const config::LoadBalancer& balancer,
                    const std::vector<telemetry::ObjectId>& objects, std::vector<Route> routes,
                    std::uint64_t hash_seed, telemetry::Recorder& recorder,
                    const std::vector<std::vector<telemetry::ObjectId>>& server_objects)
    : steering_(balancer, std::max<std::size_t>(balancer.nodes.lvs, 1), hash_seed),
      routing_(recorder, objects.empty() ? 0 : objects.front()),
      departures_(std::move(routes), balancer.eip ? &public_address.emplace(balancer) : nullptr,
                  routing_) {
  const unsigned count = std::max(balancer.nodes.lvs, 1u);
  nodes.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    nodes.emplace_back(
        balancer,
        NodeIdentity{i, i < objects.size() ? objects[i] : 0, random::splitmix64(hash_seed + i + 1),
                     config::source_addresses_of_node(balancer, i)},
        recorder, server_objects);
  }
}

void Cluster::Impl::receive(std::span<std::uint8_t> packet, Instant now, PortOutput& out) {
  net::PacketView view;
  const net::ParseError error = net::PacketView::parse(packet, view);
  if (error != net::ParseError::none) return refuse(error, packet.size(), now);
  receive(view, packet.size(), now, out);
}

void Cluster::Impl::receive(net::PacketView& view, std::size_t bytes, Instant now,
                            PortOutput& out) {
  if (public_address && !passes_limit(view, bytes, now, out)) return;
  serve(view, bytes, now, out);
}

bool Cluster::Impl::passes_limit(const net::PacketView& view, std::size_t bytes, Instant now,
                                 PortOutput& out) {
  if (!public_address->is(view.destination())) return true;
  release_arrivals(now, out);  // those before it, if a world is late
  switch (public_address->inbound().offer(view.bytes(), bytes, now)) {
    case bandwidth::Verdict::passed:
      return true;
    case bandwidth::Verdict::waits:
      waiting_bytes_in_ += bytes;
      return false;
    case bandwidth::Verdict::dropped:
      break;
  }
  routing_.arrived(bytes);
  routing_.dropped(Reason::bandwidth_exceeded, view.flow(), now);
  return false;
}

void Cluster::Impl::release_arrivals(Instant now, PortOutput& out) {
  while (const auto packet = public_address->inbound().take(now)) {
    net::PacketView view;
    net::PacketView::parse(packet->bytes, view);  // as it was when it came
    const auto bytes = static_cast<std::size_t>(packet->tag);
    waiting_bytes_in_ -= bytes;
    serve(view, bytes, now, out);
  }
}

void Cluster::Impl::refuse(net::ParseError error, std::size_t bytes, Instant now) {
  routing_.arrived(bytes);
  const Reason reason = error == net::ParseError::fragment ? Reason::fragment
                        : error == net::ParseError::unsupported_protocol
                            ? Reason::unsupported_protocol
                            : Reason::malformed;
  routing_.dropped(reason, {}, now);
}

void Cluster::Impl::receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                                  PortOutput& out) {
  constexpr std::size_t kPackets = 32;
  struct Parsed {
    net::PacketView view;
    net::ParseError error = net::ParseError::none;
    Lookup lookup;
  };
  std::array<Parsed, kPackets> parsed;
  while (!packets.empty()) {
    const std::size_t count = std::min(packets.size(), kPackets);
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      p.error = net::PacketView::parse(packets[i], p.view);
      p.lookup = p.error == net::ParseError::none ? look_up(p.view) : Lookup();
    }
    for (std::size_t i = 0; i < count; ++i) prefetch_record(parsed[i].lookup);
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      if (p.error == net::ParseError::none) {
        receive(p.view, packets[i].size(), p.lookup, now, out);
      } else {
        refuse(p.error, packets[i].size(), now);
      }
    }
    packets = packets.subspan(count);
  }
}

Cluster::Lookup Cluster::Impl::look_up(const net::PacketView& packet) const {
  Lookup lookup;
  if (!packet.has_ports()) return lookup;
  lookup.target = steering_.target(packet);
  if (lookup.target.claim == FlowSteering::Claim::none) return lookup;
  lookup.known = true;
  const Forwarder& node = nodes[lookup.target.node];
  lookup.hash = node.hash(lookup.target.flow);
  node.prefetch_index(lookup.target.flow, lookup.hash);
  return lookup;
}

void Cluster::Impl::receive(net::PacketView& view, std::size_t bytes, const Lookup& lookup,
                            Instant now, PortOutput& out) {
  if (!lookup.known) return receive(view, bytes, now, out);
  if (public_address && !passes_limit(view, bytes, now, out)) return;
  const FlowSteering::Target& target = lookup.target;
  Forwarder& node = nodes[target.node];
  RoutedOutput routed(*this, view.bytes(), now, out);
  if (target.claim == FlowSteering::Claim::certain) {
    return node.receive(view, bytes, target.flow, lookup.hash, now, routed);
  }
  if (!node.receive_if_held(view, bytes, target.flow, lookup.hash, now, routed)) {
    route(view, bytes, now, out);
  }
}

std::optional<net::FlowKey> Cluster::Impl::server_flow(const net::FlowKey& client_flow) const {
  const FlowSteering::Target target = steering_.target(client_flow);
  if (target.claim == FlowSteering::Claim::none) return std::nullopt;
  return nodes[target.node].server_flow(client_flow);
}

bool Cluster::Impl::holds_answer(const net::FlowKey& answer) const {
  const FlowSteering::Target target = steering_.target(answer);
  return target.claim != FlowSteering::Claim::none && nodes[target.node].holds_answer(answer);
}

bool Cluster::Impl::hand_to_node(net::PacketView& view, std::size_t bytes, Instant now,
                                 PortOutput& out) {
  const FlowSteering::Target target = steering_.target(view);
  if (target.claim == FlowSteering::Claim::none) return false;
  Forwarder& node = nodes[target.node];
  RoutedOutput routed(*this, view.bytes(), now, out);
  if (target.claim == FlowSteering::Claim::answer) {
    return node.receive_if_held(view, bytes, target.flow, now, routed);
  }
  node.receive(view, bytes, now, routed);
  return true;
}

void Cluster::Impl::route(net::PacketView& view, std::size_t bytes, Instant now, PortOutput& out) {
  routing_.arrived(bytes);
  if (!view.ip_checksum_ok()) return routing_.dropped(Reason::bad_checksum, view.flow(), now);
  const std::optional<PortIndex> port = departures_.routes().find(view.destination());
  if (!port) return routing_.dropped(Reason::no_route, view.flow(), now);
  if (!view.decrement_time_to_live()) {
    return routing_.dropped(Reason::time_to_live_expired, view.flow(), now);
  }
  ++routing_.counters.packets_forwarded;
  routing_.counters.bytes_forwarded += view.bytes().size();
  out.send(*port, view.bytes());
}

Instant Cluster::Impl::next_deadline() const {
  Instant earliest = public_address ? public_address->next_deadline() : kNever;
  for (const Forwarder& node : nodes) earliest = std::min(earliest, node.next_deadline());
  return earliest;
}

void Cluster::Impl::advance(Instant now, PortOutput& out) {
  if (public_address) departures_.release(now, out);
  for (Forwarder& node : nodes) {
    if (node.next_deadline() > now) continue;
    RoutedOutput routed(*this, {}, now, out);
    node.advance(now, routed);
  }
  if (public_address) release_arrivals(now, out);
}

namespace {

void add(ForwarderCounters& sum, const ForwarderCounters& part) {
  sum.packets_in += part.packets_in;
  sum.bytes_in += part.bytes_in;
  sum.packets_forwarded += part.packets_forwarded;
  sum.bytes_forwarded += part.bytes_forwarded;
  sum.packets_absorbed += part.packets_absorbed;
  sum.packets_made += part.packets_made;
  sum.packets_from_clients += part.packets_from_clients;
  sum.packets_to_clients += part.packets_to_clients;
  sum.bytes_from_clients += part.bytes_from_clients;
  sum.bytes_to_clients += part.bytes_to_clients;
  sum.sessions_opened += part.sessions_opened;
  sum.sessions_closed += part.sessions_closed;
  sum.idle_timeouts += part.idle_timeouts;
  sum.five_tuple_conflicts += part.five_tuple_conflicts;
  for (std::size_t i = 0; i < sum.dropped.size(); ++i) sum.dropped[i] += part.dropped[i];
}

}  // namespace

ForwarderCounters Cluster::Impl::counters() const {
  ForwarderCounters sum = routing_.counters;
  for (const Forwarder& node : nodes) add(sum, node.counters());
  departures_.correct(sum);
  if (public_address) {  // what waits has arrived, though no node has seen it
    const std::uint64_t waiting = public_address->inbound().counters().packets_waiting;
    sum.packets_in += waiting;
    sum.bytes_in += waiting_bytes_in_;
    sum.packets_waiting += waiting;
  }
  return sum;
}

Cluster::Cluster(const config::LoadBalancer& balancer,
                 const std::vector<telemetry::ObjectId>& node_objects, std::vector<Route> routes,
                 std::uint64_t hash_seed, telemetry::Recorder& recorder,
                 const std::vector<std::vector<telemetry::ObjectId>>& server_objects)
    : impl_(std::make_unique<Impl>(balancer, node_objects, std::move(routes), hash_seed, recorder,
                                   server_objects)) {}

Cluster::~Cluster() = default;
Cluster::Cluster(Cluster&&) noexcept = default;

void Cluster::receive(std::span<std::uint8_t> packet, Instant now, PortOutput& out) {
  impl_->receive(packet, now, out);
}

void Cluster::receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
                      PortOutput& out) {
  impl_->receive(packet, received_bytes, now, out);
}

void Cluster::receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                            PortOutput& out) {
  impl_->receive_batch(packets, now, out);
}

Cluster::Lookup Cluster::look_up(const net::PacketView& packet) const {
  return impl_->look_up(packet);
}

[[gnu::noipa]] void Cluster::prefetch_record(const Lookup& lookup) const {
  impl_->prefetch_record(lookup);
}

void Cluster::receive(net::PacketView& packet, std::size_t received_bytes, const Lookup& lookup,
                      Instant now, PortOutput& out) {
  impl_->receive(packet, received_bytes, lookup, now, out);
}

bool Cluster::holds_answer(const Lookup& lookup) const { return impl_->holds_answer(lookup); }

std::optional<net::FlowKey> Cluster::server_flow(const net::FlowKey& client_flow) const {
  return impl_->server_flow(client_flow);
}

bool Cluster::holds_answer(const net::FlowKey& answer) const { return impl_->holds_answer(answer); }

Instant Cluster::next_deadline() const { return impl_->next_deadline(); }

void Cluster::advance(Instant now, PortOutput& out) { impl_->advance(now, out); }

void Cluster::finish(Instant now) {
  for (Forwarder& node : impl_->nodes) node.finish(now);
}

std::size_t Cluster::nodes() const { return impl_->nodes.size(); }
Forwarder& Cluster::node(std::size_t index) { return impl_->nodes[index]; }
const Forwarder& Cluster::node(std::size_t index) const { return impl_->nodes[index]; }
ForwarderCounters Cluster::counters() const { return impl_->counters(); }

SessionGauges Cluster::gauges() const {
  SessionGauges sum;
  for (const Forwarder& node : impl_->nodes) {
    const SessionGauges part = node.gauges();
    sum.established += part.established;
    sum.not_established += part.not_established;
    sum.udp += part.udp;
    sum.source_ports_in_use += part.source_ports_in_use;
    sum.source_ports += part.source_ports;
  }
  return sum;
}

std::optional<PublicAddressFigures> Cluster::public_address() const {
  if (!impl_->public_address) return std::nullopt;
  return impl_->public_address->figures();
}

void Cluster::set_bandwidth(double bits_per_second, Instant now) {
  if (impl_->public_address) impl_->public_address->set_bandwidth(bits_per_second, now);
}

}  // namespace elblab::forwarding
