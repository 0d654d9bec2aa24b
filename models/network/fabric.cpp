#include "models/network/fabric.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "models/net/icmp.hpp"

namespace elblab::network {
namespace {

constexpr std::uint32_t kNoMtu = std::numeric_limits<std::uint32_t>::max();

using telemetry::Reason;

Reason reason_of(net::ParseError error) {
  if (error == net::ParseError::fragment) return Reason::fragment;
  if (error == net::ParseError::unsupported_protocol) return Reason::unsupported_protocol;
  return Reason::malformed;
}

// A node's packet is whole and well-formed: it is looked at without parsing it again.
net::IpAddress destination_of(std::span<const std::uint8_t> packet) {
  return packet[0] >> 4 == 4 ? net::IpAddress::from_v4_bytes(packet.data() + 16)
                             : net::IpAddress::from_v6_bytes(packet.data() + 24);
}

// For looking only. A view's bytes may be changed; those of a packet under way may not be, and are
// not: the view stays in this file.
bool look_at(std::span<const std::uint8_t> packet, net::PacketView& view) {
  return net::PacketView::parse({const_cast<std::uint8_t*>(packet.data()), packet.size()}, view) ==
         net::ParseError::none;
}

net::FlowKey flow_of(std::span<const std::uint8_t> packet) {
  net::PacketView view;
  return look_at(packet, view) ? view.flow() : net::FlowKey{};
}

}  // namespace

std::uint64_t FabricCounters::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

// Takes what a node sends while it works on a packet, or on its timers.
class Fabric::Emission final : public NodeOutput {
 public:
  Emission(Fabric& fabric, const Attached& from, Instant now, PortOutput& out, unsigned hops)
      : fabric_(fabric), from_(from), now_(now), out_(out), hops_(hops) {}

  void send(std::span<const std::uint8_t> packet, Origin origin) override {
    // What a node makes begins a way of its own.
    fabric_.depart(from_, packet, origin, now_, out_, origin == Origin::made ? 0 : hops_);
  }

 private:
  Fabric& fabric_;
  const Attached& from_;
  Instant now_;
  PortOutput& out_;
  unsigned hops_;
};

Fabric::Fabric(std::vector<Route> routes, telemetry::ObjectId object, telemetry::Recorder& recorder)
    : routes_(std::move(routes)), object_(object), recorder_(recorder) {}

void Fabric::set_place(std::uint16_t place, std::vector<PortIndex> towards) {
  place_ = place;
  towards_ = std::move(towards);
}

void Fabric::set_mtu(PortIndex port, std::uint32_t bytes) {
  if (mtu_bytes_.size() <= port) mtu_bytes_.resize(port + 1, kNoMtu);
  mtu_bytes_[port] = bytes;
}

void Fabric::attach(Node& node, telemetry::ObjectId object, bool at_home) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const std::vector<net::Subnet> inside = node.inside();
  nodes_.push_back({&node, object, at_home, !inside.empty()});
  for (const net::IpAddress& address : node.addresses()) {
    if (owners_.contains({address, 0})) sharers_.emplace_back(address, index);
    owners_.insert({address, 0}, index);
  }
  if (filters_) filters_->heed(node);
  if (inside.empty()) return;
  for (const net::Subnet& subnet : inside) inside_routes_.push_back({subnet, index});
  inside_.emplace(inside_routes_);
}

Filters& Fabric::filters() {
  if (!filters_) {
    filters_ = std::make_unique<Filters>();
    for (const Attached& each : nodes_) filters_->heed(*each.node);
  }
  return *filters_;
}

void Fabric::set_filters(PortIndex port, const PortFilters& of_port) {
  filters().set(port, of_port);
}

void Fabric::set_node_acl(const net::IpAddress& own_address, Filter* network_acl) {
  filters().set_node(own_address, network_acl);
}

void Fabric::receive(PortIndex from, std::span<std::uint8_t> packet, Instant now, PortOutput& out) {
  net::PacketView view;
  const net::ParseError error = net::PacketView::parse(packet, view);
  if (error != net::ParseError::none) return refuse(error, now);
  receive(from, view, packet.size(), {}, now, out);
}

void Fabric::receive(PortIndex port, net::PacketView& packet, std::size_t received_bytes,
                     const Lookup& lookup, Instant now, PortOutput& out) {
  ++counters_.packets_in;
  if (!up_) return drop(Reason::zone_down, packet.flow(), now);
  const PortFilters from = filters_ ? filters_->port(port) : PortFilters{};
  if (from.any() && !may_leave(from, packet, now)) return;
  if (lookup.known()) {
    dispatch(packet, received_bytes, lookup, from, now, out, 0);
  } else {
    dispatch(packet, received_bytes, find_claim(packet), from, now, out, 0);
  }
  if (!waiting_.empty()) run_hops(now, out);
}

void Fabric::receive_batch(PortIndex from, std::span<const std::span<std::uint8_t>> packets,
                           Instant now, PortOutput& out) {
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
      if (p.error == net::ParseError::none) look_up(p.view, p.lookup);
    }
    for (std::size_t i = 0; i < count; ++i) prefetch_record(parsed[i].lookup);
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      if (p.error == net::ParseError::none) {
        receive(from, p.view, packets[i].size(), p.lookup, now, out);
      } else {
        refuse(p.error, now);
      }
    }
    packets = packets.subspan(count);
  }
}

void Fabric::look_up(const net::PacketView& packet, Lookup& found) const {
  if (!packet.has_ports()) {
    found = Lookup();
    return;
  }
  ::new (&found) Lookup(find_claim(packet));
  if (found.known()) nodes_[found.node].node->look_ahead(found.claim);
}

void Fabric::prefetch_record(const Lookup& lookup) const {
  if (lookup.known()) nodes_[lookup.node].node->prefetch_record(lookup.claim);
}

Fabric::Lookup Fabric::find_claim(const net::PacketView& packet) const {
  return nodes_.size() == 1 ? claim_of(0, packet) : find_claim_among_several(packet);
}

Fabric::Lookup Fabric::find_claim_among_several(const net::PacketView& packet) const {
  if (inside_) {
    if (const Lookup leaves = claim_to_leave(packet); leaves.known()) return leaves;
  }
  const std::uint32_t* const owner = owners_.find({packet.destination(), 0});
  if (owner != nullptr && !nodes_[*owner].stands_before) {
    if (const Lookup own = claim_of(*owner, packet); own.known()) return own;
    if (!sharers_.empty()) {
      if (const Lookup own = claim_of_sharers(packet); own.known()) return own;
    }
  }
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].stands_before) continue;
    if (const Lookup lookup = claim_of(i, packet); lookup.known()) return lookup;
  }
  return inside_ ? claim_to_enter(packet) : Lookup();
}

Fabric::Lookup Fabric::claim_of(std::uint32_t node, const net::PacketView& packet) const {
  Lookup lookup{node, nodes_[node].node->claim(packet)};
  if (lookup.claim.kind == Claim::Kind::none) lookup.node = Lookup::kNone;
  return lookup;
}

Fabric::Lookup Fabric::claim_of_sharers(const net::PacketView& packet) const {
  for (const auto& [address, node] : sharers_) {
    if (address != packet.destination()) continue;
    if (const Lookup own = claim_of(node, packet); own.known()) return own;
  }
  return {};
}

Fabric::Lookup Fabric::claim_to_leave(const net::PacketView& packet) const {
  std::optional<PortIndex> before = inside_->find(packet.source());
  if (!before && !packet.has_ports()) {
    if (const auto quoted = net::quoted_flow(packet)) {
      before = inside_->find(quoted->destination.address);
    }
  }
  return before ? claim_of(*before, packet) : Lookup();
}

Fabric::Lookup Fabric::claim_to_enter(const net::PacketView& packet) const {
  const std::uint32_t* const owner = owners_.find({packet.destination(), 0});
  if (owner != nullptr && nodes_[*owner].stands_before) return claim_of(*owner, packet);
  const std::optional<PortIndex> before = inside_->find(packet.destination());
  return before ? claim_of(*before, packet) : Lookup();
}

void Fabric::dispatch(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                      const PortFilters& from, Instant now, PortOutput& out, unsigned hops) {
  const bool settled = nodes_.size() == 1 || lookup.claim.kind != Claim::Kind::answer;
  if (!settled) return dispatch_answer(packet, bytes, lookup, from, now, out, hops);
  hand_or_route(packet, bytes, lookup, from, now, out, hops);
}

void Fabric::dispatch_answer(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                             const PortFilters& from, Instant now, PortOutput& out, unsigned hops) {
  bool refused = false;
  Lookup chosen = settle(packet, lookup, refused);
  if (refused) return drop(Reason::five_tuple_disputed, packet.flow(), now);
  if (!chosen.known() && inside_) chosen = claim_to_enter(packet);
  hand_or_route(packet, bytes, chosen, from, now, out, hops);
}

void Fabric::hand_or_route(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                           const PortFilters& from, Instant now, PortOutput& out, unsigned hops) {
  if (!lookup.known() || !hand_to_node(packet, bytes, lookup, from, now, out, hops)) {
    route(packet, from, now, out);
  }
}

bool Fabric::hand_to_node(net::PacketView& packet, std::size_t bytes, const Lookup& lookup,
                          const PortFilters& from, Instant now, PortOutput& out, unsigned hops) {
  const Attached& to = nodes_[lookup.node];
  if (lookup.claim.place != place_ && lookup.claim.place < towards_.size()) {
    const bool answer = lookup.claim.kind == Claim::Kind::answer;
    if (answer && !to.node->held_flow(lookup.claim)) return false;
    pass_on(packet, towards_[lookup.claim.place], from, now, out);
    return true;
  }
  if (filters_ && lookup.claim.kind == Claim::Kind::certain && !may_reach_node(from, packet, now)) {
    return true;
  }
  if (watch_ != nullptr) {
    const bool answer = lookup.claim.kind == Claim::Kind::answer;
    if (answer && !to.node->held_flow(lookup.claim)) return false;
    watch_->received(to.object, packet.bytes(), now);
  }
  Emission emission(*this, to, now, out, hops);
  const bool taken = to.node->receive(packet, bytes, lookup.claim, now, emission);
  if (taken) ++counters_.to_nodes;
  return taken;
}

Fabric::Lookup Fabric::settle(const net::PacketView& packet, const Lookup& first, bool& refused) {
  Lookup best;
  HeldFlow best_flow;
  unsigned open = 0;  // flows that are not over
  for (std::uint32_t i = first.node; i < nodes_.size(); ++i) {
    Lookup lookup = i == first.node ? first : Lookup{i, nodes_[i].node->claim(packet)};
    if (lookup.claim.kind != Claim::Kind::answer) continue;
    const std::optional<HeldFlow> held = nodes_[i].node->held_flow(lookup.claim);
    if (!held) continue;
    if (!held->over) ++open;
    if (best.known() && !goes_before(*held, best_flow)) continue;
    best = lookup;
    best_flow = *held;
  }
  if (open > 1) ++counters_.disputed;
  refused = open > 1 && return_path_ == ReturnPath::drop;
  return best;
}

bool Fabric::goes_before(const HeldFlow& flow, const HeldFlow& other) const {
  if (flow.over != other.over) return other.over;
  return return_path_ == ReturnPath::oldest ? flow.since < other.since : flow.since > other.since;
}

void Fabric::route(net::PacketView& packet, const PortFilters& from, Instant now, PortOutput& out) {
  const std::optional<PortIndex> port = routes_.find(packet.destination());
  if (port) return pass_on(packet, *port, from, now, out);
  if (watch_ != nullptr) watch_->received(object_, packet.bytes(), now);
  drop(packet.ip_checksum_ok() ? Reason::no_route : Reason::bad_checksum, packet.flow(), now);
}

void Fabric::pass_on(net::PacketView& packet, PortIndex port, const PortFilters& from, Instant now,
                     PortOutput& out) {
  if (watch_ != nullptr) watch_->received(object_, packet.bytes(), now);
  if (!packet.ip_checksum_ok()) return drop(Reason::bad_checksum, packet.flow(), now);
  if (!packet.decrement_time_to_live()) {
    return drop(Reason::time_to_live_expired, packet.flow(), now);
  }
  if (!fits(port, packet.bytes().size())) return refuse_length(packet.bytes(), port, now);
  if (filters_) {
    const Refusal refused = filters_->enter(from, filters_->port(port), packet, now);
    if (refused) return drop(refused.reason, packet.flow(), now, refused.at);
  }
  ++counters_.packets_out;
  if (watch_ != nullptr) watch_->sent(object_, packet.bytes(), Origin::received, now);
  out.send(port, packet.bytes());
}

// What nodes send has had its checksum and its time to live looked at.
void Fabric::depart(const Attached& from, std::span<const std::uint8_t> packet, Origin origin,
                    Instant now, PortOutput& out, unsigned hops) {
  ++counters_.from_nodes;
  if (watch_ != nullptr) watch_->sent(from.object, packet, origin, now);
  const net::IpAddress destination = destination_of(packet);
  if (nodes_.size() > 1 && owners_.contains({destination, 0})) {
    waiting_.push_back({{packet.begin(), packet.end()}, origin, hops + 1});
    return;
  }
  const std::optional<PortIndex> port = routes_.find(destination);
  if (!port) {
    if (origin == Origin::made) ++counters_.made_dropped;
    return drop(Reason::no_route, flow_of(packet), now);
  }
  if (!fits(*port, packet.size())) {
    if (origin == Origin::made) ++counters_.made_dropped;
    return refuse_length(packet, *port, now);
  }
  if (filters_ && !may_depart(packet, *port, origin, now)) return;
  ++counters_.packets_out;
  out.send(*port, packet);
}

PortFilters Fabric::filters_of_node(const net::IpAddress& address) const {
  return filters_->node(address).value_or(PortFilters{});
}

PortFilters Fabric::filters_towards(const net::IpAddress& destination) const {
  if (const auto node = filters_->node(destination)) return *node;
  const std::optional<PortIndex> port = routes_.find(destination);
  return port ? filters_->port(*port) : PortFilters{};
}

bool Fabric::may_leave(const PortFilters& from, const net::PacketView& packet, Instant now) {
  const PortFilters to =
      from.network_acl != nullptr ? filters_towards(packet.destination()) : PortFilters{};
  return passes_unless(filters_->leave(from, to, packet, now), packet, now);
}

bool Fabric::may_reach_node(const PortFilters& from, const net::PacketView& packet, Instant now) {
  const auto to = filters_->node(packet.destination());
  return !to || passes_unless(filters_->enter(from, *to, packet, now), packet, now);
}

bool Fabric::passes_unless(const Refusal& refused, const net::PacketView& packet, Instant now) {
  if (!refused) return true;
  if (watch_ != nullptr) watch_->received(object_, packet.bytes(), now);
  drop(refused.reason, packet.flow(), now, refused.at);
  return false;
}

bool Fabric::may_depart(std::span<const std::uint8_t> packet, PortIndex port, Origin origin,
                        Instant now) {
  const PortFilters to = filters_->port(port);
  if (!to.any() && !filters_->any_of_nodes()) return true;
  net::PacketView view;
  if (!look_at(packet, view)) return true;  // a node's packets are well-formed
  const PortFilters from = filters_of_node(view.source());
  Refusal refused = filters_->leave(from, to, view, now);
  if (!refused) refused = filters_->enter(from, to, view, now);
  if (!refused) return true;
  if (origin == Origin::made) ++counters_.made_dropped;
  drop(refused.reason, view.flow(), now, refused.at);
  return false;
}

void Fabric::refuse_length(std::span<const std::uint8_t> packet, PortIndex port, Instant now) {
  drop(Reason::link_mtu, flow_of(packet), now);
  const std::size_t size = net::build_too_long(notice_, packet, mtu_bytes_[port]);
  if (size == 0) return;  // about an ICMP error, which nobody is told of
  ++counters_.made;
  waiting_.push_back(
      {{notice_.begin(), notice_.begin() + static_cast<std::ptrdiff_t>(size)}, Origin::made, 0});
}

void Fabric::run_hops(Instant now, PortOutput& out) {
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    Hop hop = std::move(waiting_[i]);  // more may come while it is worked on
    net::PacketView view;
    if (hop.hops > kMostHops || net::PacketView::parse(hop.bytes, view) != net::ParseError::none) {
      drop(Reason::too_many_hops, flow_of(hop.bytes), now);
      continue;
    }
    const PortFilters from = filters_ ? filters_of_node(view.source()) : PortFilters{};
    if (from.any() && !may_leave(from, view, now)) continue;
    dispatch(view, hop.bytes.size(), find_claim(view), from, now, out, hop.hops);
  }
  waiting_.clear();
}

Instant Fabric::next_deadline() const {
  Instant earliest = kNever;
  for (const Attached& each : nodes_) {
    if (each.at_home) earliest = std::min(earliest, each.node->next_deadline());
  }
  return earliest;
}

void Fabric::advance(Instant now, PortOutput& out) {
  for (const Attached& each : nodes_) {
    if (!each.at_home || each.node->next_deadline() > now) continue;
    Emission emission(*this, each, now, out, 0);
    each.node->advance(now, emission);
  }
  if (!waiting_.empty()) run_hops(now, out);
}

void Fabric::finish(Instant now) {
  for (const Attached& each : nodes_) {
    if (each.at_home) each.node->finish(now);
  }
}

void Fabric::refuse(net::ParseError error, Instant now) {
  ++counters_.packets_in;
  drop(reason_of(error), {}, now);
}

void Fabric::drop(Reason reason, const net::FlowKey& flow, Instant now, telemetry::ObjectId at) {
  ++counters_.dropped[static_cast<std::size_t>(reason)];
  telemetry::Event event;
  event.at = now;
  event.kind = telemetry::EventKind::packet_dropped;
  event.reason = reason;
  event.object = object_;
  event.peer = at;
  event.flow = flow;
  recorder_.record(event);
}

}  // namespace elblab::network
