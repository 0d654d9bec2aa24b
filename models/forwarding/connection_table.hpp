// The bindings of a node: records by number, found by the client's flow and by the server's answer.
//
// 64 bytes for a packet's cache line, 24 for the rest, two index entries: at most 115 bytes per
// connection (timers are the TimerWheel's). Finding is one index miss and one record miss.
#pragma once

#include <cstdint>

#include "models/forwarding/connection.hpp"
#include "models/forwarding/listener_table.hpp"
#include "models/forwarding/server_directory.hpp"
#include "models/forwarding/source_pools.hpp"
#include "models/tables/chunked_array.hpp"
#include "models/tables/handle_index.hpp"

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

class ConnectionTable {
 public:
  ConnectionTable(const AddressBook& book, std::uint64_t hash_seed, std::uint32_t limit)
      : book_(book), seed_(hash_seed), limit_(limit) {}

  Connection& operator[](ConnectionId id) { return connections_[id]; }
  const Connection& operator[](ConnectionId id) const { return connections_[id]; }
  ConnectionDetail& detail(ConnectionId id) { return details_[id]; }
  const ConnectionDetail& detail(ConnectionId id) const { return details_[id]; }

  // Of a flow either way; where a lookup takes one, it must be this flow's.
  std::uint32_t hash(const net::FlowKey& flow) const {
    return static_cast<std::uint32_t>(net::hash_of(flow, seed_) >> 32);
  }
  // `flow`: a packet for a virtual address, as received.
  ConnectionId find_by_client(const net::FlowKey& flow, std::uint32_t hash) const;
  ConnectionId find_by_client(const net::FlowKey& flow) const {
    return find_by_client(flow, hash(flow));
  }
  // `answer`: server -> source (or client), as received. With conflicts: the newest (FTC-15).
  ConnectionId find_by_answer(const net::FlowKey& answer, std::uint32_t hash) const;
  ConnectionId find_by_answer(const net::FlowKey& answer) const {
    return find_by_answer(answer, hash(answer));
  }
  // Bring nearer what a lookup of this packet will read: first the slot of its index, then, when
  // that has come, the record. Hints only. Inlined always, for g++ takes a function that only
  // prefetches for one without effect and removes calls of it.
  [[gnu::always_inline]] void prefetch_index(const net::FlowKey& flow, std::uint32_t hash) const {
    index_of(flow).prefetch(hash);
  }
  [[gnu::always_inline]] void prefetch_record(const net::FlowKey& flow, std::uint32_t hash) const {
    const ConnectionId id = index_of(flow).find(hash, [](ConnectionId) { return true; });
    if (id != kNoConnection) __builtin_prefetch(&connections_[id], 1);
  }

  bool full() const { return size_ >= limit_; }
  std::size_t size() const { return size_; }
  // A record to fill; kNoConnection when full. It is found only after link().
  ConnectionId allocate();
  // Enters a filled record. If another live binding has the same server-side flow, it is shadowed
  // and returned.
  ConnectionId link(ConnectionId id);
  // Takes a linked record out; the binding it shadowed, if any, has the return path again.
  void unlink_and_free(ConnectionId id);

  // Flows as on the wire: client -> virtual address, and source -> server.
  net::FlowKey client_flow(const Connection& connection) const;
  net::FlowKey server_flow(const Connection& connection) const;
  net::Endpoint client(const Connection& connection) const;
  net::Endpoint virtual_endpoint(const Connection& connection) const;
  // What the server sees as the peer: the client, or a source address of the node.
  net::Endpoint source(const Connection& connection) const;
  const net::Endpoint& server(const Connection& connection) const {
    return (*book_.servers)[connection.server].endpoint;
  }
  static net::Protocol protocol(const Connection& connection) {
    return connection.state == BindingState::udp ? net::Protocol::udp : net::Protocol::tcp;
  }

  void reserve(std::size_t connections);
  // Calls visit(id) for every binding, by number.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (ConnectionId id = 0; id < used_; ++id) {
      if (connections_[id].server != kFreeRecord) visit(id);
    }
  }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::uint16_t kFreeRecord = 0xFFFF;  // in Connection::server

  const tables::HandleIndex& index_of(const net::FlowKey& flow) const {
    return book_.is_virtual(flow.destination.address) ? by_client_ : by_answer_;
  }
  std::uint32_t answer_hash(const Connection& connection) const {
    return hash(server_flow(connection).reversed());
  }
  bool matches_client(const Connection& connection, const net::FlowKey& flow) const;
  bool matches_answer(const Connection& connection, const net::FlowKey& answer) const;
  void leave_return_path(ConnectionId id);

  AddressBook book_;
  std::uint64_t seed_;
  std::uint32_t limit_;
  tables::ChunkedArray<ConnectionLine> connections_;
  tables::ChunkedArray<ConnectionDetail> details_;
  tables::HandleIndex by_client_;
  tables::HandleIndex by_answer_;
  std::uint32_t used_ = 0;  // records ever handed out
  std::size_t size_ = 0;
  ConnectionId free_ = kNoConnection;  // chained through source_port_or_older
};

}  // namespace elblab::forwarding
