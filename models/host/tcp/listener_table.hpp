// Listening sockets: backlog, SYN queue and accept queue of each (rows 20–23).
//
// The accept queue holds backlog + 1 connections, the SYN queue as many half-open ones
// (sk_acceptq_is_full, inet_csk_reqsk_queue_is_full). Found by port, then by address: a listener
// on the address itself comes before one on any address.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/host/sockets.hpp"

namespace elblab::host {

struct Listener {
  ListenerId id = 0;
  net::IpAddress address;  // unspecified: any
  std::uint16_t port = 0;
  std::uint32_t backlog = 0;
  SocketEvents* events = nullptr;
  std::deque<SocketId> accept_queue;  // connections nobody took yet; also those reset since
  std::uint32_t half_open = 0;        // length of the SYN queue
  std::uint32_t young = 0;            // of these, SYN+ACK sent only once
  Instant last_overflow = kNever;     // a SYN met a full SYN queue (for cookies)

  std::size_t accept_queue_limit() const { return std::size_t{backlog} + 1; }
  bool accept_queue_full() const { return accept_queue.size() >= accept_queue_limit(); }
  bool syn_queue_full() const { return half_open > backlog; }
};

class ListenerTable {
 public:
  // nullptr: the address and port are taken.
  Listener* add(const net::IpAddress& address, std::uint16_t port, std::uint32_t backlog,
                SocketEvents& events);
  void remove(ListenerId id);
  Listener* at(ListenerId id) {
    return id >= 1 && id <= listeners_.size() ? listeners_[id - 1].get() : nullptr;
  }
  const Listener* at(ListenerId id) const { return const_cast<ListenerTable*>(this)->at(id); }
  // Who takes a SYN for this endpoint.
  Listener* find(const net::Endpoint& local);
  // Whose accept queue is fullest for its size, of equals the first; nullptr: nobody listens.
  const Listener* fullest() const;
  bool port_taken(std::uint16_t port) const { return by_port_.count(port) != 0; }

 private:
  std::vector<std::unique_ptr<Listener>> listeners_;  // by id - 1; ids are not used again
  std::unordered_map<std::uint16_t, std::vector<ListenerId>> by_port_;
};

}  // namespace elblab::host
