#include "models/forwarding/connection_table.hpp"

#include <algorithm>
#include <cstring>

namespace elblab::forwarding {

ConnectionId ConnectionTable::find_by_client(const net::FlowKey& flow, std::uint32_t hash) const {
  return by_client_.find(hash,
                         [&](ConnectionId id) { return matches_client(connections_[id], flow); });
}

ConnectionId ConnectionTable::find_by_answer(const net::FlowKey& answer, std::uint32_t hash) const {
  return by_answer_.find(hash,
                         [&](ConnectionId id) { return matches_answer(connections_[id], answer); });
}

ConnectionId ConnectionTable::allocate() {
  if (full()) return kNoConnection;
  ++size_;
  if (free_ != kNoConnection) {
    const ConnectionId id = free_;
    free_ = connections_[id].source_port_or_older;
    return id;
  }
  const ConnectionId id = used_++;
  connections_.grow_to(used_);
  details_.grow_to(used_);
  return id;
}

ConnectionId ConnectionTable::link(ConnectionId id) {
  Connection& connection = connections_[id];
  by_client_.insert(hash(client_flow(connection)), id);
  details_[id].newer = kNoConnection;
  connection.shadowed = false;
  const net::FlowKey answer = server_flow(connection).reversed();
  const ConnectionId older = connection.full_nat ? kNoConnection : find_by_answer(answer);
  if (!connection.full_nat) connection.source_port_or_older = older;
  if (older == kNoConnection) {
    by_answer_.insert(hash(answer), id);
    return kNoConnection;
  }
  by_answer_.replace(hash(answer), older, id);
  connections_[older].shadowed = true;
  details_[older].newer = id;
  return older;
}

void ConnectionTable::unlink_and_free(ConnectionId id) {
  Connection& connection = connections_[id];
  by_client_.erase(hash(client_flow(connection)), id);
  leave_return_path(id);
  connection.server = kFreeRecord;
  connection.source_port_or_older = free_;
  free_ = id;
  --size_;
}

void ConnectionTable::leave_return_path(ConnectionId id) {
  const Connection& connection = connections_[id];
  const ConnectionId older = connection.full_nat ? kNoConnection : connection.source_port_or_older;
  const ConnectionId newer = details_[id].newer;
  if (older != kNoConnection) {
    details_[older].newer = newer;
    connections_[older].shadowed = newer != kNoConnection;
  }
  if (newer != kNoConnection) {
    connections_[newer].source_port_or_older = older;
  } else if (older != kNoConnection) {
    by_answer_.replace(answer_hash(connection), id, older);
  } else {
    by_answer_.erase(answer_hash(connection), id);
  }
}

net::FlowKey ConnectionTable::client_flow(const Connection& connection) const {
  return {client(connection), virtual_endpoint(connection), protocol(connection)};
}

net::FlowKey ConnectionTable::server_flow(const Connection& connection) const {
  return {source(connection), server(connection), protocol(connection)};
}

net::Endpoint ConnectionTable::client(const Connection& connection) const {
  return {net::IpAddress::from_v6_bytes(connection.client_address.data()), connection.client_port};
}

net::Endpoint ConnectionTable::virtual_endpoint(const Connection& connection) const {
  const bool v4 = server(connection).address.is_v4();
  return {book_.virtual_address(v4), connection.virtual_port};
}

net::Endpoint ConnectionTable::source(const Connection& connection) const {
  return connection.full_nat ? book_.sources->endpoint(SourcePort{connection.source_port_or_older})
                             : client(connection);
}

// The destination is a virtual address, of which there is one per IP version: the port suffices.
bool ConnectionTable::matches_client(const Connection& connection, const net::FlowKey& flow) const {
  return connection.client_port == flow.source.port &&
         connection.virtual_port == flow.destination.port &&
         protocol(connection) == flow.protocol &&
         std::memcmp(connection.client_address.data(), flow.source.address.bytes().data(), 16) == 0;
}

bool ConnectionTable::matches_answer(const Connection& connection,
                                     const net::FlowKey& answer) const {
  return protocol(connection) == answer.protocol && source(connection) == answer.destination &&
         server(connection) == answer.source;
}

void ConnectionTable::reserve(std::size_t connections) {
  const std::size_t count = std::min<std::size_t>(connections, limit_);
  connections_.grow_to(count);
  details_.grow_to(count);
  by_client_.reserve(count);
  by_answer_.reserve(count);
}

std::size_t ConnectionTable::memory_bytes() const {
  return connections_.memory_bytes() + details_.memory_bytes() + by_client_.memory_bytes() +
         by_answer_.memory_bytes();
}

}  // namespace elblab::forwarding
