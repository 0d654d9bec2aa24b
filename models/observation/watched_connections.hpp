// The connections that are being watched, by their two ends, and those whose time runs out.
//
// Bounded: more than `most` are not taken. find: O(1); an expiry costs O(log n).
#pragma once

#include <deque>
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "models/observation/watched_connection.hpp"

namespace elblab::observation {

class WatchedConnections {
 public:
  explicit WatchedConnections(std::size_t most) : most_(most) {}

  // nullptr: none. Pointers stay valid until the connection is removed.
  WatchedConnection* find(const net::Endpoint& local, const net::Endpoint& remote);
  // The two ends must not be in the table. nullptr: it is full.
  WatchedConnection* add(const net::Endpoint& local, const net::Endpoint& remote);
  void remove(const WatchedConnection& connection);

  // take_expired() will give this connection out at `expires`, or later if that is moved on.
  void expire_at(WatchedConnection& connection, Instant expires);
  // One whose `expires` has come; nullptr: none. Its time is not watched any more.
  WatchedConnection* take_expired(Instant now);

  // In the order of their slots, which only the order of packets decides.
  std::vector<WatchedConnection*> all();

 private:
  struct Slot {
    WatchedConnection connection;
    std::uint32_t generation = 0;
    bool used = false;
  };
  struct Timer {
    Instant at;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator>(const Timer& other) const {
      return at != other.at ? at > other.at : slot > other.slot;
    }
  };
  struct Hash {
    std::size_t operator()(const net::FlowKey& key) const { return hash_of(key, 0); }
  };

  std::size_t most_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<net::FlowKey, std::uint32_t, Hash> by_ends_;  // never iterated
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace elblab::observation
