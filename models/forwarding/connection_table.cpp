#include "models/forwarding/connection_table.hpp"

#include <algorithm>
#include <cstring>

#include "models/contract/require.hpp"

namespace elblab::forwarding {

ConnectionId ConnectionTable::find_by_client(const net::FlowKey& flow, std::uint32_t hash) const {
  return lines_.find(hash, [&](const Connection& c) { return matches_client(c, flow); });
}

ConnectionId ConnectionTable::find_by_answer(const net::FlowKey& answer, LookupKey key) const {
  if (key.is_port()) return find_by_port(key.port(), answer);
  ConnectionId found = by_endpoint_ ? find_kept(key.hash(), answer) : kNoConnection;
  if (found == kNoConnection && by_answer_.size() > 0) {
    by_answer_.find(key.hash(), [&](std::uint32_t client_hash) {
      lines_.prefetch(client_hash);
      found = find_kept(client_hash, answer);
      return found != kNoConnection;
    });
  }
  if (found != kNoConnection) return found;
  // A key that was found ahead may be older than the pool.
  const SourcePools::Meant meant = book_.sources->meant_by(answer);
  return meant.pool == SourcePools::kNoPool ? kNoConnection : find_by_port(meant, answer);
}

ConnectionId ConnectionTable::find_by_port(const SourcePools::Meant& meant,
                                           const net::FlowKey& answer) const {
  const SourcePools::Held held = book_.sources->held(meant);
  if (held.cell == nullptr) return kNoConnection;
  const auto is_it = [&](const Connection& c) {
    return c.full_nat && c.source_port == held.port.packed && server(c) == answer.source &&
           protocol(c) == answer.protocol;
  };
  SourcePortPool::Cell& cell = *held.cell;
  if (lines_.may_be_at(cell.place, cell.holder) && is_it(lines_[cell.place])) return cell.place;
  lines_.prefetch(cell.holder);
  const ConnectionId id = lines_.find(cell.holder, is_it);
  if (id != kNoConnection) cell.place = id;
  return id;
}

ConnectionId ConnectionTable::find_kept(std::uint32_t hash, const net::FlowKey& answer) const {
  return lines_.find(hash, [&](const Connection& c) {
    return !c.full_nat && !c.shadowed && matches_answer(c, answer);
  });
}

ConnectionId ConnectionTable::look_for(ConnectionNumber number) const {
  return lines_.find(details_[number].client_hash,
                     [&](const Connection& c) { return c.number == number; });
}

ConnectionId ConnectionTable::find_by_number(ConnectionNumber number) const {
  const ConnectionId id = look_for(number);
  ELBLAB_REQUIRE(id != kNoConnection, "a binding that is asked for by its number lives");
  return id;
}

ConnectionNumber ConnectionTable::take_number() {
  if (free_ != kNoConnection) {
    const ConnectionNumber number = free_;
    free_ = details_[number].client_hash;
    return number;
  }
  details_.grow_to(std::size_t{used_} + 1);
  return used_++;
}

ConnectionTable::Opened ConnectionTable::open(const Connection& filled, std::uint32_t hash,
                                              Instant now) {
  ELBLAB_REQUIRE(!full(), "a table that takes a binding is not full");
  ELBLAB_REQUIRE(hash == hash_of(filled), "the hash is that of the client's flow");
  ELBLAB_REQUIRE(find_by_client(client_flow(filled), hash) == kNoConnection,
                 "a client's flow has one binding");
  ConnectionLine line{filled};
  line.number = take_number();
  line.shadowed = false;
  details_[line.number] = {PackedInstant(now), PackedInstant(kNever), hash};
  const ConnectionNumber older = line.full_nat ? kNoConnection : enter_return_path(line);
  const ConnectionId id = lines_.insert(hash, [this](const Connection& c) { return hash_of(c); });
  lines_[id] = line;
  return {id, older};
}

// Of the binding that had the return path until now.
ConnectionNumber ConnectionTable::enter_return_path(const Connection& connection) {
  const std::uint32_t own = details_[connection.number].client_hash;
  const net::FlowKey answer = server_flow(connection).reversed();
  const std::uint32_t answers = hash(answer);
  const ConnectionId older = find_by_answer(answer, LookupKey::of_hash(answers));
  if (is_indexed(connection)) by_answer_.insert(answers, own);
  if (older == kNoConnection) return kNoConnection;
  Connection& shadowed = lines_[older];
  if (is_indexed(shadowed)) by_answer_.erase(answers, details_[shadowed.number].client_hash);
  shadowed.shadowed = true;
  join(shadowed.number, connection.number);
  return shadowed.number;
}

void ConnectionTable::close(ConnectionId id) {
  ELBLAB_REQUIRE(lines_.in_use(id), "a binding to close is open");
  const Connection connection = lines_[id];
  if (!connection.full_nat) leave_return_path(connection);
  if (!carries_.empty()) carries_.erase(connection.number);
  lines_.erase(id, [this](const Connection& c) { return hash_of(c); });
  details_[connection.number].client_hash = free_;
  free_ = connection.number;
}

void ConnectionTable::leave_return_path(const Connection& connection) {
  const auto [older, newer] = neighbours(connection.number);
  if (older != kNoConnection || newer != kNoConnection) conflicts_.erase(connection.number);
  if (older != kNoConnection || newer != kNoConnection) join(older, newer);
  if (newer != kNoConnection) return;
  const std::uint32_t answers = answer_hash(connection);
  if (is_indexed(connection)) {
    by_answer_.erase(answers, details_[connection.number].client_hash);
  }
  if (older == kNoConnection) return;
  Connection& shadowed = lines_[find_by_number(older)];
  shadowed.shadowed = false;
  if (is_indexed(shadowed)) by_answer_.insert(answers, details_[older].client_hash);
}

ConnectionCarry ConnectionTable::carried(const Connection& connection) const {
  const auto at = carries_.find(connection.number);
  return at == carries_.end() ? ConnectionCarry{} : at->second;
}

ConnectionTable::Neighbours ConnectionTable::neighbours(ConnectionNumber number) const {
  const auto at = conflicts_.find(number);
  return at == conflicts_.end() ? Neighbours{} : at->second;
}

// Either may be kNoConnection. What has no neighbour left is forgotten.
void ConnectionTable::join(ConnectionNumber older, ConnectionNumber newer) {
  const auto set = [this](ConnectionNumber number, ConnectionNumber Neighbours::*side,
                          ConnectionNumber neighbour) {
    if (number == kNoConnection) return;
    Neighbours& both = conflicts_[number];
    both.*side = neighbour;
    if (both.older == kNoConnection && both.newer == kNoConnection) conflicts_.erase(number);
  };
  set(older, &Neighbours::newer, newer);
  set(newer, &Neighbours::older, older);
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
  if (connection.full_nat) return book_.sources->endpoint(SourcePort{connection.source_port});
  net::Endpoint source = client(connection);
  source.port = port_at_server(connection);
  return source;
}

bool ConnectionTable::is_client(const Connection& connection, const net::IpAddress& address) {
  return std::memcmp(connection.client_address.data(), address.bytes().data(), 16) == 0;
}

// The destination is a virtual address, of which there is one per IP version: the port suffices.
bool ConnectionTable::matches_client(const Connection& connection, const net::FlowKey& flow) const {
  return connection.client_port == flow.source.port &&
         connection.virtual_port == flow.destination.port &&
         protocol(connection) == flow.protocol && is_client(connection, flow.source.address);
}

// Where the client's address was kept: it is what the server answers to.
bool ConnectionTable::matches_answer(const Connection& connection,
                                     const net::FlowKey& answer) const {
  return port_at_server(connection) == answer.destination.port &&
         protocol(connection) == answer.protocol && server(connection) == answer.source &&
         is_client(connection, answer.destination.address);
}

void ConnectionTable::reserve(std::size_t connections) {
  const std::size_t count = std::min<std::size_t>(connections, limit_);
  lines_.reserve(count, [this](const Connection& c) { return hash_of(c); });
  details_.grow_to(count);
}

std::size_t ConnectionTable::memory_bytes() const {
  return lines_.memory_bytes() + details_.memory_bytes() + by_answer_.memory_bytes() +
         conflicts_.size() * (sizeof(Neighbours) + 4 * sizeof(void*)) +
         carries_.size() * (sizeof(ConnectionCarry) + 4 * sizeof(void*));
}

}  // namespace elblab::forwarding
