// The bindings of a node: found by the client's flow and by the server's answer.
//
// A client's packet finds its line in one miss of the cache (tables::LineTable). An answer is found
// in one of three ways. Through fullNAT it is for a source port of the node's own, whose cell says
// who has it and where that was seen last (source_pools.hpp): two misses. Where the client's
// address was kept, and the node listens on few ports, lines are hashed by the client's endpoint
// alone, which an answer has too: one miss. On many ports that would let one client put them all
// under one hash (a scan does), so there the whole flow is hashed, and an index leads from the
// answer to it. A binding whose source port was changed to keep flows apart (remap) is in that
// index everywhere.
//
// Memory per binding: 85 bytes at most for the line (of small tables 114), 20 for the rest, and 8
// for its source port or 13 for an index entry, where there is one (timers are the TimerWheel's).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "models/forwarding/connection.hpp"
#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/source_pools.hpp"
#include "models/tables/chunked_array.hpp"
#include "models/tables/handle_index.hpp"
#include "models/tables/line_table.hpp"

namespace elblab::forwarding {

// What a binding's small numbers mean. All must outlive the table.
struct AddressBook {
  net::IpAddress virtual_v4;
  net::IpAddress virtual_v6;
  const ServerDirectory* servers = nullptr;
  const SourcePools* sources = nullptr;

  const net::IpAddress& virtual_address(bool v4) const { return v4 ? virtual_v4 : virtual_v6; }
  bool is_virtual(const net::IpAddress& address) const {
    return !address.is_unspecified() && (address == virtual_v4 || address == virtual_v6);
  }
};

// Where the look-up of a packet's binding begins: the hash of its flow or, for an answer through
// fullNAT, the source port it is for. Found once per packet; what network::Claim::key holds.
class LookupKey {
 public:
  LookupKey() = default;
  explicit LookupKey(std::uint64_t packed) : packed_(packed) {}
  static LookupKey of_hash(std::uint32_t hash) { return LookupKey(hash); }
  static LookupKey of_port(const SourcePools::Meant& meant) {
    return LookupKey(kPort | std::uint64_t{meant.pool} << 32 | meant.port.packed);
  }

  bool is_port() const { return (packed_ & kPort) != 0; }
  std::uint32_t hash() const { return static_cast<std::uint32_t>(packed_); }
  SourcePools::Meant port() const {
    return {static_cast<std::uint32_t>((packed_ & ~kPort) >> 32),
            SourcePort{static_cast<std::uint32_t>(packed_)}};
  }
  std::uint64_t packed() const { return packed_; }

 private:
  static constexpr std::uint64_t kPort = std::uint64_t{1} << 63;
  std::uint64_t packed_ = 0;
};

class ConnectionTable {
 public:
  ConnectionTable(const AddressBook& book, std::uint64_t hash_seed, std::uint32_t limit,
                  const ListenerTable& listeners)
      : book_(book),
        seed_(hash_seed),
        limit_(limit),
        by_endpoint_(listeners.any_keeps_client_address() && listeners.ports() <= kFewPorts) {}

  Connection& operator[](ConnectionId id) { return lines_[id]; }
  const Connection& operator[](ConnectionId id) const { return lines_[id]; }
  ConnectionDetail& detail(const Connection& connection) { return details_[connection.number]; }
  const ConnectionDetail& detail(const Connection& connection) const {
    return details_[connection.number];
  }

  ConnectionCarry& carry(const Connection& connection) { return carries_[connection.number]; }
  ConnectionCarry carried(const Connection& connection) const;

  // Of a flow either way; where a lookup takes one, it must be this flow's.
  std::uint32_t hash(const net::FlowKey& flow) const {
    const std::uint64_t wide =
        by_endpoint_ ? net::hash_of(book_.is_virtual(flow.destination.address) ? flow.source
                                                                               : flow.destination,
                                    seed_ ^ static_cast<std::uint8_t>(flow.protocol))
                     : net::hash_of(flow, seed_);
    const auto hash = static_cast<std::uint32_t>(wide >> 32);
    return hash - (hash == tables::HandleIndex::kNone ? 1 : 0);  // it is a handle too
  }
  LookupKey key(const net::FlowKey& flow) const {
    if (!book_.is_virtual(flow.destination.address)) {
      const SourcePools::Meant meant = book_.sources->meant_by(flow);
      if (meant.pool != SourcePools::kNoPool) return LookupKey::of_port(meant);
    }
    return LookupKey::of_hash(hash(flow));
  }
  // `flow`: a packet for a virtual address, as received.
  ConnectionId find_by_client(const net::FlowKey& flow, std::uint32_t hash) const;
  ConnectionId find_by_client(const net::FlowKey& flow) const {
    return find_by_client(flow, hash(flow));
  }
  // `answer`: server -> source (or client), as received. With conflicts: the newest (FTC-15).
  ConnectionId find_by_answer(const net::FlowKey& answer, LookupKey key) const;
  ConnectionId find_by_answer(const net::FlowKey& answer) const {
    return find_by_answer(answer, key(answer));
  }
  // It lives.
  ConnectionId find_by_number(ConnectionNumber number) const;
  // Of one that may be over; its number may be that of another by now.
  ConnectionId find_if_open(ConnectionNumber number) const { return look_for(number); }
  // Bring nearer what a lookup of this packet will read. Hints only. Inlined always, for g++ takes
  // a function that only prefetches for one without effect and removes calls of it. At once, for a
  // packet that is looked up next:
  [[gnu::always_inline]] void prefetch(const net::FlowKey& flow, LookupKey key) const {
    if (key.is_port()) return book_.sources->prefetch(key.port());
    if (begins_at_line(flow)) lines_.prefetch(key.hash());
  }
  // For one of many, in two steps: where its look-up begins, and when that has come, the record.
  [[gnu::always_inline]] void prefetch_index(const net::FlowKey& flow, LookupKey key) const {
    if (key.is_port()) return book_.sources->prefetch(key.port());
    if (begins_at_line(flow)) return lines_.prefetch_tags(key.hash());
    if (by_answer_.size() > 0) by_answer_.prefetch(key.hash());
  }
  [[gnu::always_inline]] void prefetch_record(const net::FlowKey& flow, LookupKey key) const {
    if (key.is_port()) {
      const SourcePools::Held held = book_.sources->held(key.port());
      if (held.cell != nullptr) lines_.prefetch_place(held.cell->place);
      return;
    }
    if (begins_at_line(flow)) return lines_.prefetch_line(key.hash());
    if (by_answer_.size() == 0) return;
    const std::uint32_t client = by_answer_.find(key.hash(), [](std::uint32_t) { return true; });
    if (client != tables::HandleIndex::kNone) lines_.prefetch(client);
  }

  bool full() const { return lines_.size() >= limit_; }
  std::size_t size() const { return lines_.size(); }

  struct Opened {
    ConnectionId id = kNoConnection;
    ConnectionNumber shadowed = kNoConnection;  // a live binding that had the same return path
  };
  // Enters a binding that is filled in but for its number; the table is not full, and no binding of
  // its client's flow is in it. `hash`: of the client's flow. Every other id may change.
  Opened open(const Connection& filled, std::uint32_t hash, Instant now);
  // Takes a binding out; the one it shadowed, if any, has the return path again. Every other id may
  // change.
  void close(ConnectionId id);

  // Flows as on the wire: client -> virtual address, and source -> server.
  net::FlowKey client_flow(const Connection& connection) const;
  net::FlowKey server_flow(const Connection& connection) const;
  net::Endpoint client(const Connection& connection) const;
  net::Endpoint virtual_endpoint(const Connection& connection) const;
  // What the server sees as the peer: the client, or a source address of the node.
  net::Endpoint source(const Connection& connection) const;
  net::Endpoint server(const Connection& connection) const {
    net::Endpoint endpoint = (*book_.servers)[connection.server].endpoint;
    if (connection.same_port) endpoint.port = connection.virtual_port;
    return endpoint;
  }
  static net::Protocol protocol(const Connection& connection) {
    return connection.state == BindingState::udp ? net::Protocol::udp : net::Protocol::tcp;
  }

  void reserve(std::size_t connections);
  // Calls visit(id) for every binding, by number; it may close that one.
  template <typename Visit>
  void for_each(Visit&& visit) {
    constexpr ConnectionNumber kAhead = 16;  // their lines are fetched meanwhile
    for (ConnectionNumber number = 0; number < used_; ++number) {
      if (number + kAhead < used_) lines_.prefetch(details_[number + kAhead].client_hash);
      const ConnectionId id = look_for(number);
      if (id != kNoConnection) visit(id);
    }
  }
  std::size_t memory_bytes() const;

 private:
  // At most so many bindings of one client's endpoint stand under one hash.
  static constexpr std::size_t kFewPorts = 16;

  // Bindings of one return path, each shadowed by the next newer one.
  struct Neighbours {
    ConnectionNumber older = kNoConnection;
    ConnectionNumber newer = kNoConnection;
  };

  std::uint32_t hash_of(const Connection& connection) const {
    return hash(client_flow(connection));
  }
  std::uint32_t answer_hash(const Connection& connection) const {
    return hash(server_flow(connection).reversed());
  }
  // A packet whose key is a hash: that of its line, or of an index of answers.
  bool begins_at_line(const net::FlowKey& flow) const {
    return by_endpoint_ || book_.is_virtual(flow.destination.address);
  }
  static bool is_client(const Connection& connection, const net::IpAddress& address);
  // Of a binding that keeps the client's address: the port that the server sees.
  static std::uint16_t port_at_server(const Connection& connection) {
    return connection.source_port == 0 ? connection.client_port
                                       : static_cast<std::uint16_t>(connection.source_port);
  }
  // Whether its answers are found by an index, not under the hash of the client's endpoint.
  bool is_indexed(const Connection& connection) const {
    return !by_endpoint_ || connection.source_port != 0;
  }
  bool matches_client(const Connection& connection, const net::FlowKey& flow) const;
  bool matches_answer(const Connection& connection, const net::FlowKey& answer) const;
  // fullNAT.
  ConnectionId find_by_port(const SourcePools::Meant& meant, const net::FlowKey& answer) const;
  // The client's address kept; under this hash.
  ConnectionId find_kept(std::uint32_t hash, const net::FlowKey& answer) const;
  // kNoConnection when no binding has this number.
  ConnectionId look_for(ConnectionNumber number) const;
  ConnectionNumber take_number();
  ConnectionNumber enter_return_path(const Connection& connection);
  void leave_return_path(const Connection& connection);
  Neighbours neighbours(ConnectionNumber number) const;
  void join(ConnectionNumber older, ConnectionNumber newer);

  AddressBook book_;
  std::uint64_t seed_;
  std::uint32_t limit_;
  bool by_endpoint_;  // what lines are hashed by
  tables::LineTable<ConnectionLine> lines_;
  tables::ChunkedArray<ConnectionDetail> details_;  // by number
  // Where clients' addresses are kept and whole flows are hashed: those hashes.
  tables::HandleIndex by_answer_;
  std::unordered_map<ConnectionNumber, Neighbours> conflicts_;
  std::unordered_map<ConnectionNumber, ConnectionCarry> carries_;
  ConnectionNumber used_ = 0;              // numbers ever given
  ConnectionNumber free_ = kNoConnection;  // chained through client_hash
};

}  // namespace elblab::forwarding
