#include "models/forwarding/forwarder.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>

#include "models/contract/require.hpp"
#include "models/forwarding/tcp_tracker.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

namespace {

Reason reason_of(net::ParseError error) {
  if (error == net::ParseError::fragment) return Reason::fragment;
  if (error == net::ParseError::unsupported_protocol) return Reason::unsupported_protocol;
  return Reason::malformed;
}

std::optional<DecisionTeller> teller_for(const ServerDirectory& servers,
                                         telemetry::Recorder& recorder,
                                         telemetry::ObjectId object) {
  if (!recorder.wants_decisions()) return std::nullopt;
  return std::optional<DecisionTeller>(std::in_place, servers, recorder, object);
}

AddressBook make_book(const config::LoadBalancer& balancer, const ServerDirectory& servers,
                      const SourcePools& sources) {
  AddressBook book;
  if (balancer.address.is_v4()) {
    book.virtual_v4 = balancer.address;
    book.virtual_v6 = balancer.address_v6.value_or(net::IpAddress());
  } else {
    book.virtual_v6 = balancer.address;
  }
  book.servers = &servers;
  book.sources = &sources;
  return book;
}

}  // namespace

std::uint64_t ForwarderCounters::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

Forwarder::Forwarder(const config::LoadBalancer& balancer, NodeIdentity identity,
                     telemetry::Recorder& recorder,
                     const std::vector<std::vector<telemetry::ObjectId>>& server_objects)
    : ledger_(recorder, identity.object),
      listeners_(balancer),
      servers_(balancer, {identity.place, identity.hash_seed, identity.shared_tables},
               server_objects),
      decisions_(teller_for(servers_, recorder, identity.object)),
      sources_(std::move(identity.source_addresses), balancer.source_pool.ports, listeners_,
               servers_),
      book_(make_book(balancer, servers_, sources_)),
      sessions_(balancer, book_, identity.hash_seed,
                {listeners_, servers_, sources_, ledger_, identity.index, identity.steering,
                 decisions_ ? &*decisions_ : nullptr}),
      icmp_(book_, sessions_.table(), ledger_),
      cuts_(listeners_, servers_, sessions_, ledger_),
      blocked_(balancer.listeners.size()) {
  if (decisions_) servers_.observe(&*decisions_);
}

void Forwarder::receive(std::span<std::uint8_t> bytes, Instant now, network::NodeOutput& out) {
  net::PacketView packet;
  const net::ParseError error = net::PacketView::parse(bytes, packet);
  if (error == net::ParseError::none) return receive(packet, bytes.size(), now, out);
  ledger_.arrived(bytes.size());
  ledger_.dropped(reason_of(error), {}, now);
}

void Forwarder::receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
                        network::NodeOutput& out) {
  ledger_.arrived(received_bytes);
  const net::FlowKey flow = packet.flow();
  const LookupKey key = sessions_.table().key(flow);
  sessions_.table().prefetch(flow, key);  // while the checksum is looked at
  accept(packet, {flow, key}, now, out);
}

void Forwarder::accept(net::PacketView& packet, const Lookup& lookup, Instant now,
                       network::NodeOutput& out) {
  if (!packet.ip_checksum_ok()) return ledger_.dropped(Reason::bad_checksum, lookup.flow, now);
  if (!packet.has_ports()) return icmp_.receive(packet, now, out);
  if (book_.is_virtual(lookup.flow.destination.address)) {
    return from_client(packet, lookup, now, out);
  }
  from_server(packet, lookup, now, out);
}

// In three passes over a few packets: an index slot and the record it names are two misses that
// depend on each other, but not on those of other packets.
void Forwarder::receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                              network::NodeOutput& out) {
  constexpr std::size_t kPackets = 32;
  struct Parsed {
    net::PacketView packet;
    net::ParseError error = net::ParseError::none;
    net::FlowKey flow;
    LookupKey key;
  };
  std::array<Parsed, kPackets> parsed;
  const ConnectionTable& table = sessions_.table();
  while (!packets.empty()) {
    const std::size_t count = std::min(packets.size(), kPackets);
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      p.error = net::PacketView::parse(packets[i], p.packet);
      if (p.error != net::ParseError::none) continue;
      ::new (&p.flow) net::FlowKey(p.packet.flow());
      p.key = table.key(p.flow);
      table.prefetch_index(p.flow, p.key);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Parsed& p = parsed[i];
      if (p.error == net::ParseError::none) table.prefetch_record(p.flow, p.key);
    }
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      ledger_.arrived(packets[i].size());
      if (p.error == net::ParseError::none) {
        accept(p.packet, {p.flow, p.key}, now, out);
      } else {
        ledger_.dropped(reason_of(p.error), {}, now);
      }
    }
    packets = packets.subspan(count);
  }
}

bool Forwarder::receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                                const net::FlowKey& flow, LookupKey key, Instant now,
                                network::NodeOutput& out) {
  const ConnectionId id = sessions_.table().find_by_answer(flow, key);
  if (id == kNoConnection) return false;
  ledger_.arrived(received_bytes);
  if (!packet.ip_checksum_ok()) {
    ledger_.dropped(Reason::bad_checksum, packet.flow(), now);
  } else if (!packet.has_ports()) {
    icmp_.receive(packet, now, out);
  } else if (!packet.decrement_time_to_live()) {
    ledger_.dropped(Reason::time_to_live_expired, flow, now);
  } else {
    answer(packet, id, now, out);
  }
  return true;
}

void Forwarder::from_client(net::PacketView& packet, const Lookup& lookup, Instant now,
                            network::NodeOutput& out) {
  ledger_.arrived_from_client(packet.bytes().size());
  if (!packet.decrement_time_to_live()) {
    return ledger_.dropped(Reason::time_to_live_expired, lookup.flow, now);
  }
  if (now < interrupted_until_) {
    const auto listener = listeners_.find(lookup.flow.protocol, lookup.flow.destination.port);
    if (listener && is_interrupted(*listener, now)) {
      return ledger_.dropped(Reason::transfer_switched, lookup.flow, now);
    }
  }
  const ConnectionId id = find_or_open(packet, lookup, now, out);
  if (id == kNoConnection) return;
  const ConnectionTable& table = sessions_.table();
  const Connection& connection = table[id];
  if (connection.source_port != 0) {  // FWD-01, FWD-04; or a client's port that was changed
    packet.set_endpoints(table.source(connection), table.server(connection));
  } else {  // FWD-10
    packet.set_destination(table.server(connection));
  }
  ledger_.forward_to_server(packet.bytes(), out);
}

ConnectionId Forwarder::find_or_open(const net::PacketView& packet, const Lookup& lookup,
                                     Instant now, network::NodeOutput& out) {
  const ConnectionId id = sessions_.table().find_by_client(lookup.flow, lookup.key.hash());
  if (id == kNoConnection) return open(packet, lookup.flow, now, out);
  const Connection& connection = sessions_.table()[id];
  if (connection.state == BindingState::closed && opens_connection(packet)) {
    // A new connection from the same client port is a new scheduling decision.
    sessions_.end(id, end_reason(connection), now);
    return open(packet, lookup.flow, now, out);
  }
  if (is_of_another_server(packet, connection)) {
    sessions_.end(id, Reason::replaced, now);
    return open(packet, lookup.flow, now, out);
  }
  sessions_.pass(id, Side::client, packet, now);
  return id;
}

bool Forwarder::is_of_another_server(const net::PacketView& packet, const Connection& connection) {
  if (connection.state != BindingState::udp) return false;
  const auto holder =
      servers_.holder(listeners_[connection.listener].group, packet.source(), packet.payload());
  return holder && *holder != connection.server;
}

ConnectionId Forwarder::open(const net::PacketView& packet, const net::FlowKey& flow, Instant now,
                             network::NodeOutput& out) {
  const auto drop = [&](Reason reason) {
    ledger_.dropped(reason, flow, now);
    return kNoConnection;
  };
  const bool tcp = flow.protocol == net::Protocol::tcp;
  const auto listener = listeners_.find(flow.protocol, flow.destination.port);
  if (!listener) return drop(Reason::no_listener);
  // Whoever has a connection keeps it: the sources do not say that access control cuts any.
  const auto& access = listeners_[*listener].access;
  if (access && !access->admits(flow.source.address)) {
    blocked_[listeners_[*listener].index].add(packet);
    return drop(Reason::access_control);
  }
  if (tcp && !opens_connection(packet)) return drop(Reason::no_connection);
  if (is_martian(flow.source.address)) return drop(Reason::martian_source);
  const auto opened = sessions_.open(*listener, packet, flow, now);
  if (const ConnectionId* id = std::get_if<ConnectionId>(&opened)) {
    if (servers_.cuts_when_over(listeners_[*listener].group)) cuts_.watch_stickiness(*id, now);
    return *id;
  }
  const Reason reason = std::get<Reason>(opened);
  drop(reason);
  if (tcp && reason == Reason::no_server && listeners_[*listener].refuses) {  // OPEN-13
    ledger_.originate_to_client(resets_.refuse(packet), out);
  }
  return kNoConnection;
}

// Addresses that no answer can be sent to, and the node's own (RFC 1812 §5.3.7).
bool Forwarder::is_martian(const net::IpAddress& source) const {
  return source.is_unspecified() || source.is_multicast() || source.is_loopback() ||
         book_.is_virtual(source) || sources_.owns(source);
}

void Forwarder::from_server(net::PacketView& packet, const Lookup& lookup, Instant now,
                            network::NodeOutput& out) {
  if (!packet.decrement_time_to_live()) {
    return ledger_.dropped(Reason::time_to_live_expired, lookup.flow, now);
  }
  const ConnectionId id = sessions_.table().find_by_answer(lookup.flow, lookup.key);
  if (id == kNoConnection) return ledger_.dropped(Reason::no_connection, lookup.flow, now);
  answer(packet, id, now, out);
}

void Forwarder::answer(net::PacketView& packet, ConnectionId id, Instant now,
                       network::NodeOutput& out) {
  const ConnectionTable& table = sessions_.table();
  if (now < interrupted_until_ && is_interrupted(table[id].listener, now)) {
    return ledger_.dropped(Reason::transfer_switched, packet.flow(), now);
  }
  sessions_.pass(id, Side::server, packet, now);
  const Connection& connection = table[id];
  if (connection.state == BindingState::udp) {
    servers_.answered(connection.server, packet.payload());
  }
  if (connection.source_port != 0) {
    packet.set_endpoints(table.virtual_endpoint(connection), table.client(connection));
  } else {
    packet.set_source(table.virtual_endpoint(connection));
  }
  ledger_.forward_to_client(packet.bytes(), out);
}

void Forwarder::advance(Instant now, network::NodeOutput& out) {
  if (cuts_.next_deadline() <= now) cuts_.advance(now, out);
  const ConnectionTable& table = sessions_.table();
  for (ConnectionId id = sessions_.next_expired(now); id != kNoConnection;
       id = sessions_.next_expired(now)) {
    const Connection& connection = table[id];
    if (connection.state == BindingState::established) {  // TO-03
      ledger_.originate_to_client(resets_.to_client(table, connection), out);
      ledger_.originate(resets_.to_server(table, connection), out);
    }
    sessions_.end_expired(id, end_reason(connection), now);
  }
}

void Forwarder::receive(net::PacketView& packet, std::size_t received_bytes,
                        const net::FlowKey& flow, LookupKey key, Instant now,
                        network::NodeOutput& out) {
  ledger_.arrived(received_bytes);
  accept(packet, {flow, key}, now, out);
}

LookupKey Forwarder::key(const net::FlowKey& flow) const { return sessions_.table().key(flow); }

std::optional<net::FlowKey> Forwarder::server_flow(const net::FlowKey& client_flow) const {
  const ConnectionTable& table = sessions_.table();
  const ConnectionId id = table.find_by_client(client_flow);
  if (id == kNoConnection) return std::nullopt;
  return table.server_flow(table[id]);
}

std::optional<network::HeldFlow> Forwarder::held_flow(const net::FlowKey& answer) const {
  const ConnectionTable& table = sessions_.table();
  const ConnectionId id = table.find_by_answer(answer);
  if (id == kNoConnection) return std::nullopt;
  return network::HeldFlow{table.detail(table[id]).opened_at.instant(),
                           table[id].state == BindingState::closed};
}

bool Forwarder::holds_answer(const net::FlowKey& answer) const {
  return holds_answer(answer, key(answer));
}

bool Forwarder::holds_answer(const net::FlowKey& answer, LookupKey key) const {
  return sessions_.table().find_by_answer(answer, key) != kNoConnection;
}

// g++ takes functions that only prefetch for ones without effect, and removes calls of them.
[[gnu::noipa]] void Forwarder::prefetch(const net::FlowKey& flow, LookupKey key) const {
  sessions_.table().prefetch(flow, key);
}

[[gnu::noipa]] void Forwarder::prefetch_index(const net::FlowKey& flow, LookupKey key) const {
  sessions_.table().prefetch_index(flow, key);
}

[[gnu::noipa]] void Forwarder::prefetch_record(const net::FlowKey& flow, LookupKey key) const {
  sessions_.table().prefetch_record(flow, key);
}

Instant Forwarder::next_deadline() const {
  return std::min(sessions_.next_deadline(), cuts_.next_deadline());
}

void Forwarder::finish(Instant now) { sessions_.finish(now); }

void Forwarder::reserve(std::size_t connections) { sessions_.reserve(connections); }

void Forwarder::reconfigure(const config::LoadBalancer& balancer, OpenConnections open,
                            Instant now) {
  reconfigure_listeners(balancer, now);
  servers_.set_algorithms(balancer);
  cuts_.look_again(now);
  for (std::size_t g = 0; g < balancer.groups.size(); ++g) {
    const config::BackendGroup& group = balancer.groups[g];
    for (std::size_t s = 0; s < group.servers.size(); ++s) {
      reconfigure_server(group, g, s, open, now);
    }
  }
}

void Forwarder::reconfigure_listeners(const config::LoadBalancer& balancer, Instant now) {
  ListenerTable changed(balancer);
  const bool timeouts_differ = !changed.has_timeouts_of(listeners_);
  listener_interrupted_until_.resize(listeners_.size(), kStart);
  for (std::uint16_t i = 0; i < changed.size(); ++i) {
    if (changed[i].full_nat == listeners_[i].full_nat) continue;
    listener_interrupted_until_[i] = now + balancer.profile->transfer_switch_interruption;
    interrupted_until_ = std::max(interrupted_until_, listener_interrupted_until_[i]);
  }
  listeners_ = std::move(changed);
  if (timeouts_differ) sessions_.rearm_idle(now);
}

void Forwarder::reconfigure_server(const config::BackendGroup& group, std::size_t g, std::size_t s,
                                   OpenConnections open, Instant now) {
  const ServerEntry* const entry = servers_.find(g, s);
  ELBLAB_REQUIRE(entry != nullptr, "an operation names servers that the node was made with");
  const auto number = static_cast<std::uint16_t>(entry - &servers_[0]);
  const bool was_wanted = servers_.is_wanted(g, s);
  servers_.set_weight(g, s, group.servers[s].weight);
  servers_.set_eligible(g, s, scheduling::Owner::membership, group.servers[s].member);
  const bool is_wanted = servers_.is_wanted(g, s);
  if (is_wanted) {
    cuts_.keep_of_server(number);
  } else if (was_wanted && open == OpenConnections::as_configured) {
    cuts_.cut_of_server(number, Reason::deregistered,
                        now + group.deregistration_delay.value_or(Duration(0)));
  }
}

StickinessFigures Forwarder::stickiness(std::size_t group) const {
  return {servers_.stickiness_table(group), servers_.stickiness_counts(group)};
}

ConnectionIdFigures Forwarder::connection_ids(std::size_t group) const {
  return {servers_.connection_id_table(group), servers_.flows_by_id(group)};
}

void Forwarder::set_server_eligible(std::size_t group, std::size_t server, scheduling::Owner owner,
                                    bool eligible) {
  servers_.set_eligible(group, server, owner, eligible);
}

void Forwarder::cut_connections(std::size_t group, std::size_t server, Reason reason, Instant now) {
  const ServerEntry* const entry = servers_.find(group, server);
  ELBLAB_REQUIRE(entry != nullptr, "a server that the node was made with");
  cuts_.cut_of_server(static_cast<std::uint16_t>(entry - &servers_[0]), reason, now);
}

std::uint8_t Forwarder::effective_weight(std::size_t group, std::size_t server) const {
  return servers_.effective_weight(group, server);
}

const ForwarderCounters& Forwarder::counters() const { return ledger_.counters; }

SessionGauges Forwarder::gauges() const { return sessions_.gauges(); }

std::uint32_t Forwarder::active_connections(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = servers_.find(group, server);
  return entry == nullptr ? 0 : entry->active;
}

std::uint64_t Forwarder::scheduled_connections(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = servers_.find(group, server);
  return entry == nullptr ? 0 : entry->scheduled;
}

std::size_t Forwarder::memory_bytes() const {
  return sessions_.memory_bytes() + sources_.memory_bytes();
}

}  // namespace elblab::forwarding
