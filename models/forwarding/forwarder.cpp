#include "models/forwarding/forwarder.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "models/forwarding/icmp_handler.hpp"
#include "models/forwarding/resets.hpp"
#include "models/forwarding/sessions.hpp"
#include "models/forwarding/tcp_tracker.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

namespace {

Reason reason_of(net::ParseError error) {
  if (error == net::ParseError::fragment) return Reason::fragment;
  if (error == net::ParseError::unsupported_protocol) return Reason::unsupported_protocol;
  return Reason::malformed;
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

class Forwarder::Impl {
 public:
  Impl(const config::LoadBalancer& balancer, NodeIdentity identity, telemetry::Recorder& recorder,
       const std::vector<std::vector<telemetry::ObjectId>>& objects)
      : ledger(recorder, identity.object),
        listeners(balancer),
        servers(balancer, objects),
        sources(std::move(identity.source_addresses), balancer.source_pool.ports, listeners,
                servers),
        book(make_book(balancer, servers, sources)),
        sessions(balancer, book, identity.hash_seed, {listeners, servers, sources, ledger}),
        icmp(book, sessions.table(), ledger) {}

  void receive(std::span<std::uint8_t> bytes, Instant now, net::PacketOutput& out);
  void receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                     net::PacketOutput& out);
  void receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
               net::PacketOutput& out);
  bool receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                       const net::FlowKey& answer, std::uint32_t hash, Instant now,
                       net::PacketOutput& out);
  void receive(net::PacketView& packet, std::size_t received_bytes, const net::FlowKey& flow,
               std::uint32_t hash, Instant now, net::PacketOutput& out) {
    ledger.arrived(received_bytes);
    accept(packet, {flow, hash}, now, out);
  }
  void expire(Instant now, net::PacketOutput& out);
  std::size_t memory_bytes() const { return sessions.memory_bytes() + sources.memory_bytes(); }

  Ledger ledger;
  ListenerTable listeners;
  ServerDirectory servers;
  SourcePools sources;
  AddressBook book;
  Sessions sessions;
  IcmpHandler icmp;
  ResetBuilder resets;

 private:
  // A flow and its hash, computed once per packet.
  struct Lookup {
    net::FlowKey flow;
    std::uint32_t hash = 0;
  };

  void accept(net::PacketView& packet, const Lookup& lookup, Instant now, net::PacketOutput& out);
  void from_client(net::PacketView& packet, const Lookup& lookup, Instant now,
                   net::PacketOutput& out);
  void from_server(net::PacketView& packet, const Lookup& lookup, Instant now,
                   net::PacketOutput& out);
  void answer(net::PacketView& packet, ConnectionId id, Instant now, net::PacketOutput& out);
  Lookup look_up(const net::PacketView& packet) const;
  // kNoConnection when the packet was dropped.
  ConnectionId open(const net::PacketView& packet, const net::FlowKey& flow, Instant now,
                    net::PacketOutput& out);
  ConnectionId find_or_open(const net::PacketView& packet, const Lookup& lookup, Instant now,
                            net::PacketOutput& out);
  bool is_martian(const net::IpAddress& source) const;
};

Forwarder::Impl::Lookup Forwarder::Impl::look_up(const net::PacketView& packet) const {
  const net::FlowKey flow = packet.flow();
  return {flow, sessions.table().hash(flow)};
}

void Forwarder::Impl::receive(std::span<std::uint8_t> bytes, Instant now, net::PacketOutput& out) {
  net::PacketView packet;
  const net::ParseError error = net::PacketView::parse(bytes, packet);
  if (error == net::ParseError::none) return receive(packet, bytes.size(), now, out);
  ledger.arrived(bytes.size());
  ledger.dropped(reason_of(error), {}, now);
}

void Forwarder::Impl::receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
                              net::PacketOutput& out) {
  ledger.arrived(received_bytes);
  const Lookup lookup = look_up(packet);
  sessions.table().prefetch_index(lookup.flow, lookup.hash);  // while the checksum is looked at
  accept(packet, lookup, now, out);
}

void Forwarder::Impl::accept(net::PacketView& packet, const Lookup& lookup, Instant now,
                             net::PacketOutput& out) {
  if (!packet.ip_checksum_ok()) return ledger.dropped(Reason::bad_checksum, lookup.flow, now);
  if (!packet.has_ports()) return icmp.receive(packet, now, out);
  if (book.is_virtual(lookup.flow.destination.address)) {
    return from_client(packet, lookup, now, out);
  }
  from_server(packet, lookup, now, out);
}

// In three passes over a few packets: an index slot and the record it names are two misses that
// depend on each other, but not on those of other packets.
void Forwarder::Impl::receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                                    net::PacketOutput& out) {
  constexpr std::size_t kPackets = 32;
  struct Parsed {
    net::PacketView packet;
    net::ParseError error = net::ParseError::none;
    Lookup lookup;
  };
  std::array<Parsed, kPackets> parsed;
  const ConnectionTable& table = sessions.table();
  while (!packets.empty()) {
    const std::size_t count = std::min(packets.size(), kPackets);
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      p.error = net::PacketView::parse(packets[i], p.packet);
      if (p.error != net::ParseError::none) continue;
      p.lookup = look_up(p.packet);
      table.prefetch_index(p.lookup.flow, p.lookup.hash);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Parsed& p = parsed[i];
      if (p.error == net::ParseError::none) table.prefetch_record(p.lookup.flow, p.lookup.hash);
    }
    for (std::size_t i = 0; i < count; ++i) {
      Parsed& p = parsed[i];
      ledger.arrived(packets[i].size());
      if (p.error == net::ParseError::none) {
        accept(p.packet, p.lookup, now, out);
      } else {
        ledger.dropped(reason_of(p.error), {}, now);
      }
    }
    packets = packets.subspan(count);
  }
}

bool Forwarder::Impl::receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                                      const net::FlowKey& flow, std::uint32_t hash, Instant now,
                                      net::PacketOutput& out) {
  const ConnectionId id = sessions.table().find_by_answer(flow, hash);
  if (id == kNoConnection) return false;
  ledger.arrived(received_bytes);
  if (!packet.ip_checksum_ok()) {
    ledger.dropped(Reason::bad_checksum, packet.flow(), now);
  } else if (!packet.has_ports()) {
    icmp.receive(packet, now, out);
  } else if (!packet.decrement_time_to_live()) {
    ledger.dropped(Reason::time_to_live_expired, flow, now);
  } else {
    answer(packet, id, now, out);
  }
  return true;
}

void Forwarder::Impl::from_client(net::PacketView& packet, const Lookup& lookup, Instant now,
                                  net::PacketOutput& out) {
  ledger.arrived_from_client(packet.bytes().size());
  if (!packet.decrement_time_to_live()) {
    return ledger.dropped(Reason::time_to_live_expired, lookup.flow, now);
  }
  const ConnectionId id = find_or_open(packet, lookup, now, out);
  if (id == kNoConnection) return;
  const ConnectionTable& table = sessions.table();
  const Connection& connection = table[id];
  if (connection.full_nat) packet.set_source(table.source(connection));  // FWD-01, FWD-04
  packet.set_destination(table.server(connection));                      // FWD-10
  ledger.forward_to_server(packet.bytes(), out);
}

ConnectionId Forwarder::Impl::find_or_open(const net::PacketView& packet, const Lookup& lookup,
                                           Instant now, net::PacketOutput& out) {
  const ConnectionId id = sessions.table().find_by_client(lookup.flow, lookup.hash);
  if (id == kNoConnection) return open(packet, lookup.flow, now, out);
  const Connection& connection = sessions.table()[id];
  if (connection.state == BindingState::closed && opens_connection(packet)) {
    // A new connection from the same client port is a new scheduling decision.
    sessions.end(id, end_reason(connection), now);
    return open(packet, lookup.flow, now, out);
  }
  sessions.pass(id, Side::client, packet, now);
  return id;
}

ConnectionId Forwarder::Impl::open(const net::PacketView& packet, const net::FlowKey& flow,
                                   Instant now, net::PacketOutput& out) {
  const auto drop = [&](Reason reason) {
    ledger.dropped(reason, flow, now);
    return kNoConnection;
  };
  const bool tcp = flow.protocol == net::Protocol::tcp;
  const auto listener = listeners.find(flow.protocol, flow.destination.port);
  if (!listener) return drop(Reason::no_listener);
  if (tcp && !opens_connection(packet)) return drop(Reason::no_connection);
  if (is_martian(flow.source.address)) return drop(Reason::martian_source);
  const auto opened = sessions.open(*listener, packet, flow, now);
  if (const ConnectionId* id = std::get_if<ConnectionId>(&opened)) return *id;
  const Reason reason = std::get<Reason>(opened);
  drop(reason);
  if (tcp && reason == Reason::no_server) {  // OPEN-13
    ledger.originate_to_client(resets.refuse(packet), out);
  }
  return kNoConnection;
}

// Addresses that no answer can be sent to, and the node's own (RFC 1812 §5.3.7).
bool Forwarder::Impl::is_martian(const net::IpAddress& source) const {
  return source.is_unspecified() || source.is_multicast() || source.is_loopback() ||
         book.is_virtual(source) || sources.owns(source);
}

void Forwarder::Impl::from_server(net::PacketView& packet, const Lookup& lookup, Instant now,
                                  net::PacketOutput& out) {
  if (!packet.decrement_time_to_live()) {
    return ledger.dropped(Reason::time_to_live_expired, lookup.flow, now);
  }
  const ConnectionId id = sessions.table().find_by_answer(lookup.flow, lookup.hash);
  if (id == kNoConnection) return ledger.dropped(Reason::no_connection, lookup.flow, now);
  answer(packet, id, now, out);
}

void Forwarder::Impl::answer(net::PacketView& packet, ConnectionId id, Instant now,
                             net::PacketOutput& out) {
  sessions.pass(id, Side::server, packet, now);
  const ConnectionTable& table = sessions.table();
  const Connection& connection = table[id];
  packet.set_source(table.virtual_endpoint(connection));
  if (connection.full_nat) packet.set_destination(table.client(connection));
  ledger.forward_to_client(packet.bytes(), out);
}

void Forwarder::Impl::expire(Instant now, net::PacketOutput& out) {
  const ConnectionTable& table = sessions.table();
  for (ConnectionId id = sessions.next_expired(now); id != kNoConnection;
       id = sessions.next_expired(now)) {
    const Connection& connection = table[id];
    if (connection.state == BindingState::established) {  // TO-03
      ledger.originate_to_client(resets.to_client(table, connection), out);
      ledger.originate(resets.to_server(table, connection), out);
    }
    sessions.end_expired(id, end_reason(connection), now);
  }
}

Forwarder::Forwarder(const config::LoadBalancer& balancer, NodeIdentity identity,
                     telemetry::Recorder& recorder,
                     const std::vector<std::vector<telemetry::ObjectId>>& server_objects)
    : impl_(std::make_unique<Impl>(balancer, std::move(identity), recorder, server_objects)) {}

Forwarder::~Forwarder() = default;
Forwarder::Forwarder(Forwarder&&) noexcept = default;
Forwarder& Forwarder::operator=(Forwarder&&) noexcept = default;

void Forwarder::receive(std::span<std::uint8_t> packet, Instant now, net::PacketOutput& out) {
  impl_->receive(packet, now, out);
}

void Forwarder::receive_batch(std::span<const std::span<std::uint8_t>> packets, Instant now,
                              net::PacketOutput& out) {
  impl_->receive_batch(packets, now, out);
}

void Forwarder::receive(net::PacketView& packet, std::size_t received_bytes, Instant now,
                        net::PacketOutput& out) {
  impl_->receive(packet, received_bytes, now, out);
}

bool Forwarder::receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                                const net::FlowKey& answer, Instant now, net::PacketOutput& out) {
  return receive_if_held(packet, received_bytes, answer, hash(answer), now, out);
}

bool Forwarder::receive_if_held(net::PacketView& packet, std::size_t received_bytes,
                                const net::FlowKey& answer, std::uint32_t hash, Instant now,
                                net::PacketOutput& out) {
  return impl_->receive_if_held(packet, received_bytes, answer, hash, now, out);
}

void Forwarder::receive(net::PacketView& packet, std::size_t received_bytes,
                        const net::FlowKey& flow, std::uint32_t hash, Instant now,
                        net::PacketOutput& out) {
  impl_->receive(packet, received_bytes, flow, hash, now, out);
}

std::uint32_t Forwarder::hash(const net::FlowKey& flow) const {
  return impl_->sessions.table().hash(flow);
}

std::optional<net::FlowKey> Forwarder::server_flow(const net::FlowKey& client_flow) const {
  const ConnectionTable& table = impl_->sessions.table();
  const ConnectionId id = table.find_by_client(client_flow);
  if (id == kNoConnection) return std::nullopt;
  return table.server_flow(table[id]);
}

bool Forwarder::holds_answer(const net::FlowKey& answer) const {
  return holds_answer(answer, hash(answer));
}

bool Forwarder::holds_answer(const net::FlowKey& answer, std::uint32_t hash) const {
  return impl_->sessions.table().find_by_answer(answer, hash) != kNoConnection;
}

// g++ takes functions that only prefetch for ones without effect, and removes calls of them.
[[gnu::noipa]] void Forwarder::prefetch_index(const net::FlowKey& flow, std::uint32_t hash) const {
  impl_->sessions.table().prefetch_index(flow, hash);
}

[[gnu::noipa]] void Forwarder::prefetch_record(const net::FlowKey& flow, std::uint32_t hash) const {
  impl_->sessions.table().prefetch_record(flow, hash);
}

Instant Forwarder::next_deadline() const { return impl_->sessions.next_deadline(); }

void Forwarder::advance(Instant now, net::PacketOutput& out) { impl_->expire(now, out); }

void Forwarder::finish(Instant now) { impl_->sessions.finish(now); }

void Forwarder::reserve(std::size_t connections) { impl_->sessions.reserve(connections); }

void Forwarder::set_server_eligible(std::size_t group, std::size_t server, bool eligible) {
  impl_->servers.set_eligible(group, server, eligible);
}

void Forwarder::set_server_weight(std::size_t group, std::size_t server, std::uint8_t weight) {
  impl_->servers.set_weight(group, server, weight);
}

std::uint8_t Forwarder::effective_weight(std::size_t group, std::size_t server) const {
  return impl_->servers.effective_weight(group, server);
}

const ForwarderCounters& Forwarder::counters() const { return impl_->ledger.counters; }

SessionGauges Forwarder::gauges() const { return impl_->sessions.gauges(); }

std::uint32_t Forwarder::active_connections(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = impl_->servers.find(group, server);
  return entry == nullptr ? 0 : entry->active;
}

std::uint64_t Forwarder::scheduled_connections(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = impl_->servers.find(group, server);
  return entry == nullptr ? 0 : entry->scheduled;
}

std::size_t Forwarder::memory_bytes() const { return impl_->memory_bytes(); }

}  // namespace elblab::forwarding
