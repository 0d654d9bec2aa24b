#include "models/forwarding/balancer.hpp"

#include <algorithm>

#include "models/net/icmp.hpp"
#include "models/random/stream.hpp"

namespace elblab::forwarding {

using network::Claim;
using telemetry::Reason;

namespace {

Reason halt_of(const config::LoadBalancer& balancer) {
  if (balancer.frozen) return Reason::frozen;
  return balancer.address_bound ? Reason::none : Reason::no_address;
}

}  // namespace

// What a node sends, on its way through the bandwidth of the public address.
class Balancer::Outgoing final : public network::NodeOutput {
 public:
  Outgoing(Departures& departures, Instant now, network::NodeOutput& out)
      : departures_(departures), now_(now), out_(out) {}
  void send(std::span<const std::uint8_t> packet, network::Origin origin) override {
    departures_.send(packet, origin, now_, out_);
  }

 private:
  Departures& departures_;
  Instant now_;
  network::NodeOutput& out_;
};

Balancer::Balancer(const config::LoadBalancer& balancer,
                   const std::vector<telemetry::ObjectId>& node_objects, std::uint64_t hash_seed,
                   telemetry::Recorder& recorder,
                   const std::vector<std::vector<telemetry::ObjectId>>& server_objects)
    : steering_(balancer, std::max<std::size_t>(balancer.nodes.lvs, 1), hash_seed),
      bypasses_rules_(config::transfer_bypasses_rules(balancer)),
      remaps_(balancer.conflict == config::ConflictPolicy::remap),
      shared_tables_(config::TableScope::shared, random::splitmix64(~hash_seed)),
      node_places_(balancer.node_places),
      halted_(halt_of(balancer)),
      limit_ledger_(recorder, node_objects.empty() ? 0 : node_objects.front()) {
  shared_tables_.configure(balancer);
  const unsigned count = std::max(balancer.nodes.lvs, 1u);
  for (unsigned i = 0; i < count; ++i) {
    nodes_.push_back(std::make_unique<Forwarder>(
        balancer,
        NodeIdentity{
            i, i < balancer.node_places.size() ? balancer.node_places[i] : std::uint16_t{0},
            i < node_objects.size() ? node_objects[i] : 0, random::splitmix64(hash_seed + i + 1),
            config::source_addresses_of_node(balancer, i), &steering_, &shared_tables_},
        recorder, server_objects));
  }
  node_places_.resize(count, 0);
  if (balancer.eip) {
    departures_.emplace(public_address_.emplace(balancer), limit_ledger_);
  }
}

Claim Balancer::by_asking(const Claim& claim) const {
  if (claim.kind != Claim::Kind::answer) return claim;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node]->holds_answer(claim.flow)) continue;
    return steering_.claim_of(claim.kind, node, claim.flow);
  }
  return claim;
}

void Balancer::look_ahead(Claim& claim) const {
  const Forwarder& node = *nodes_[claim.part];
  const LookupKey key = node.key(claim.flow);
  claim.key = key.packed();
  claim.looked_up = true;
  node.prefetch_index(claim.flow, key);
}

void Balancer::prefetch_record(const Claim& claim) const {
  if (claim.looked_up) nodes_[claim.part]->prefetch_record(claim.flow, LookupKey(claim.key));
}

std::optional<network::HeldFlow> Balancer::held_flow(const Claim& claim) const {
  return nodes_[claim.part]->held_flow(claim.flow);
}

bool Balancer::exempts(const net::PacketView& packet) const {
  if (!bypasses_rules_) return false;
  const std::optional<net::FlowKey> quoted = net::quoted_flow(packet);
  if (!quoted && !packet.has_ports()) return false;
  const net::FlowKey flow = quoted ? *quoted : packet.flow();
  return is_kept_answer(flow) || is_kept_answer(flow.reversed());
}

bool Balancer::is_kept_answer(const net::FlowKey& answer) const {
  const Claim claim = steering_.claim(answer);
  return claim.kind == Claim::Kind::answer && nodes_[claim.part]->holds_answer(answer);
}

bool Balancer::receive(net::PacketView& packet, std::size_t received_bytes, const Claim& claim,
                       Instant now, network::NodeOutput& out) {
  if (halted_ != Reason::none) return refuse(received_bytes, claim, now);
  if (public_address_ && !passes_limit(packet, received_bytes, now, out)) return true;
  return hand_to_node(packet, received_bytes, claim, now, out);
}

bool Balancer::refuse(std::size_t received_bytes, const Claim& claim, Instant now) {
  const bool of_a_server = claim.kind == Claim::Kind::answer;
  if (of_a_server && !nodes_[claim.part]->holds_answer(claim.flow)) return false;
  limit_ledger_.arrived(received_bytes);
  limit_ledger_.dropped(halted_, claim.flow, now);
  return true;
}

bool Balancer::hand_to_node(net::PacketView& packet, std::size_t received_bytes, const Claim& claim,
                            Instant now, network::NodeOutput& out) {
  Forwarder& node = *nodes_[claim.part];
  const auto hand_over = [&](network::NodeOutput& to) {
    LookupKey key(claim.key);
    if (!claim.looked_up) {
      key = node.key(claim.flow);
      node.prefetch(claim.flow, key);  // while the checksum is looked at
    }
    if (claim.kind == Claim::Kind::answer) {
      return node.receive_if_held(packet, received_bytes, claim.flow, key, now, to);
    }
    node.receive(packet, received_bytes, claim.flow, key, now, to);
    return true;
  };
  if (!departures_) return hand_over(out);
  Outgoing outgoing(*departures_, now, out);
  return hand_over(outgoing);
}

bool Balancer::passes_limit(const net::PacketView& packet, std::size_t received_bytes, Instant now,
                            network::NodeOutput& out) {
  if (!public_address_->is(packet.destination())) return true;
  release_arrivals(now, out);  // those before it, if a world is late
  switch (public_address_->inbound().offer(packet.bytes(), received_bytes, now)) {
    case bandwidth::Verdict::passed:
      return true;
    case bandwidth::Verdict::waits:
      waiting_bytes_in_ += received_bytes;
      return false;
    case bandwidth::Verdict::dropped:
      break;
  }
  limit_ledger_.arrived(received_bytes);
  limit_ledger_.dropped(Reason::bandwidth_exceeded, packet.flow(), now);
  return false;
}

void Balancer::release_arrivals(Instant now, network::NodeOutput& out) {
  while (const auto waited = public_address_->inbound().take(now)) {
    net::PacketView packet;
    net::PacketView::parse(waited->bytes, packet);  // as it was when it came
    const auto received_bytes = static_cast<std::size_t>(waited->tag);
    waiting_bytes_in_ -= received_bytes;
    hand_to_node(packet, received_bytes, claim(packet), now, out);
  }
}

std::optional<net::FlowKey> Balancer::server_flow(const net::FlowKey& client_flow) const {
  const Claim claim = claim_of(client_flow);
  if (claim.kind == Claim::Kind::none) return std::nullopt;
  return nodes_[claim.part]->server_flow(client_flow);
}

bool Balancer::holds_answer(const net::FlowKey& answer) const {
  const Claim claim = claim_of(answer);
  return claim.kind != Claim::Kind::none && nodes_[claim.part]->holds_answer(answer);
}

bool Balancer::holds_answer(const Claim& claim) const {
  return claim.kind != Claim::Kind::none &&
         nodes_[claim.part]->holds_answer(claim.flow, LookupKey(claim.key));
}

Instant Balancer::next_deadline() const {
  Instant earliest = public_address_ ? public_address_->next_deadline() : kNever;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!stands_still(i)) earliest = std::min(earliest, nodes_[i]->next_deadline());
  }
  return earliest;
}

void Balancer::advance(Instant now, network::NodeOutput& out) {
  if (departures_) departures_->release(now, out);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Forwarder& node = *nodes_[i];
    if (stands_still(i) || node.next_deadline() > now) continue;
    if (departures_) {
      Outgoing outgoing(*departures_, now, out);
      node.advance(now, outgoing);
    } else {
      node.advance(now, out);
    }
  }
  if (public_address_) release_arrivals(now, out);
}

void Balancer::finish(Instant now) {
  for (const auto& node : nodes_) node->finish(now);
}

std::optional<PublicAddressFigures> Balancer::public_address() const {
  if (!public_address_) return std::nullopt;
  return public_address_->figures();
}

void Balancer::set_bandwidth(double bits_per_second, Instant now) {
  if (public_address_) public_address_->set_bandwidth(bits_per_second, now);
}

void Balancer::reconfigure(const config::LoadBalancer& balancer, OpenConnections open,
                           Instant now) {
  halted_ = halt_of(balancer);
  shared_tables_.configure(balancer);
  for (const auto& node : nodes_) node->reconfigure(balancer, open, now);
  if (!public_address_ || !balancer.eip) return;
  const double bandwidth = balancer.eip->bits_per_second;
  if (public_address_->figures().bits_per_second != bandwidth) set_bandwidth(bandwidth, now);
}

void Balancer::set_place_up(std::uint16_t place, bool up) {
  steering_.set_up(place, up);
  still_.resize(nodes_.size(), false);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (node_places_[i] == place) still_[i] = !up;
  }
}

namespace {

void add(ForwarderCounters& sum, const ForwarderCounters& part) {
  sum.packets_in += part.packets_in;
  sum.bytes_in += part.bytes_in;
  sum.packets_forwarded += part.packets_forwarded;
  sum.bytes_forwarded += part.bytes_forwarded;
  sum.packets_absorbed += part.packets_absorbed;
  sum.packets_made += part.packets_made;
  sum.packets_waiting += part.packets_waiting;
  sum.made_unsent += part.made_unsent;
  sum.packets_from_clients += part.packets_from_clients;
  sum.packets_to_clients += part.packets_to_clients;
  sum.bytes_from_clients += part.bytes_from_clients;
  sum.bytes_to_clients += part.bytes_to_clients;
  sum.sessions_opened += part.sessions_opened;
  sum.sessions_closed += part.sessions_closed;
  sum.idle_timeouts += part.idle_timeouts;
  sum.five_tuple_conflicts += part.five_tuple_conflicts;
  sum.source_ports_remapped += part.source_ports_remapped;
  for (std::size_t i = 0; i < sum.dropped.size(); ++i) sum.dropped[i] += part.dropped[i];
}

}  // namespace

ForwarderCounters Balancer::counters() const {
  ForwarderCounters sum = limit_ledger_.counters;
  for (const auto& node : nodes_) add(sum, node->counters());
  if (departures_) departures_->correct(sum);
  if (public_address_) {  // what waits has arrived, though no node has seen it
    const std::uint64_t waiting = public_address_->inbound().counters().packets_waiting;
    sum.packets_in += waiting;
    sum.bytes_in += waiting_bytes_in_;
    sum.packets_waiting += waiting;
  }
  return sum;
}

ForwarderCounters totals(const network::FabricCounters& fabric,
                         std::span<const Balancer* const> balancers) {
  ForwarderCounters total;
  for (const Balancer* balancer : balancers) add(total, balancer->counters());
  total.packets_in = fabric.packets_in;
  total.made_unsent += fabric.made_dropped;
  total.packets_forwarded = fabric.packets_out + total.made_unsent - total.packets_made;
  for (std::size_t i = 0; i < total.dropped.size(); ++i) total.dropped[i] += fabric.dropped[i];
  return total;
}

network::NodeCounts Balancer::counts() const {
  const ForwarderCounters sum = counters();
  return {sum.packets_in, sum.packets_sent(), sum.packets_made - sum.made_unsent,
          sum.packets_waiting, sum.conserved()};
}

SessionGauges Balancer::gauges() const {
  SessionGauges sum;
  for (const auto& node : nodes_) sum += node->gauges();
  return sum;
}

network::BlockedTraffic Balancer::blocked(std::size_t listener) const {
  network::BlockedTraffic sum;
  for (const auto& node : nodes_) sum += node->blocked(listener);
  return sum;
}

// A table that nodes share counts once.
Balancer::Stickiness Balancer::stickiness(std::size_t group) const {
  Stickiness sum;
  const scheduling::StickinessTable* counted = nullptr;
  for (const auto& node : nodes_) {
    const StickinessFigures of_node = node->stickiness(group);
    sum.counts += of_node.counts;
    if (of_node.table == nullptr || of_node.table == counted) continue;
    counted = of_node.table;
    sum.clients += counted->size();
    sum.capacity += counted->capacity();
  }
  return sum;
}

// Likewise.
Balancer::ConnectionIds Balancer::connection_ids(std::size_t group) const {
  ConnectionIds sum;
  const scheduling::ConnectionIdTable* counted = nullptr;
  for (const auto& node : nodes_) {
    const ConnectionIdFigures of_node = node->connection_ids(group);
    sum.flows_by_id += of_node.flows_by_id;
    if (of_node.table == nullptr || of_node.table == counted) continue;
    counted = of_node.table;
    sum.known += counted->size();
    sum.capacity += counted->capacity();
  }
  return sum;
}

}  // namespace elblab::forwarding
