#include "models/observation/watched_connections.hpp"

#include "models/contract/require.hpp"

namespace elblab::observation {

WatchedConnection* WatchedConnections::find(const net::Endpoint& local,
                                            const net::Endpoint& remote) {
  const auto at = by_ends_.find({local, remote, net::Protocol::tcp});
  return at == by_ends_.end() ? nullptr : &slots_[at->second].connection;
}

WatchedConnection* WatchedConnections::add(const net::Endpoint& local,
                                           const net::Endpoint& remote) {
  ELBLAB_REQUIRE(find(local, remote) == nullptr, "two ends have one connection");
  if (by_ends_.size() >= most_) return nullptr;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].used = true;
  slots_[slot].connection = {};
  slots_[slot].connection.local = local;
  slots_[slot].connection.remote = remote;
  by_ends_.emplace(net::FlowKey{local, remote, net::Protocol::tcp}, slot);
  return &slots_[slot].connection;
}

void WatchedConnections::remove(const WatchedConnection& connection) {
  const auto at = by_ends_.find({connection.local, connection.remote, net::Protocol::tcp});
  ELBLAB_REQUIRE(at != by_ends_.end(), "a connection to remove is in the table");
  const std::uint32_t slot = at->second;
  by_ends_.erase(at);
  slots_[slot].used = false;
  ++slots_[slot].generation;
  free_.push_back(slot);
}

void WatchedConnections::expire_at(WatchedConnection& connection, Instant expires) {
  // One timer per connection is enough while its time only moves on.
  const bool watched = connection.expires != kNever && connection.expires <= expires;
  connection.expires = expires;
  if (watched) return;
  const std::uint32_t slot =
      by_ends_.find({connection.local, connection.remote, net::Protocol::tcp})->second;
  timers_.push({expires, slot, slots_[slot].generation});
}

WatchedConnection* WatchedConnections::take_expired(Instant now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Slot& slot = slots_[timer.slot];
    if (!slot.used || slot.generation != timer.generation) continue;
    const Instant expires = slot.connection.expires;
    if (expires == kNever) continue;
    if (expires > now) {
      timers_.push({expires, timer.slot, timer.generation});
      continue;
    }
    slot.connection.expires = kNever;
    return &slot.connection;
  }
  return nullptr;
}

std::vector<WatchedConnection*> WatchedConnections::all() {
  std::vector<WatchedConnection*> result;
  for (Slot& slot : slots_) {
    if (slot.used) result.push_back(&slot.connection);
  }
  return result;
}

}  // namespace elblab::observation
