// host::Sockets without hosts: a perfect network with one fixed delay, whose misbehaviour a test
// scripts. Streams are cut into pieces of at most `piece_bytes`. Runs applications in virtual time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/host/sockets.hpp"
#include "models/workload/application.hpp"

namespace elblab::workload::testing {

class FakeNetwork final : public host::Sockets {
 public:
  // What a test sets.
  Duration delay = std::chrono::milliseconds(1);  // one way
  std::size_t piece_bytes = 1448;
  host::SocketError local_error = host::SocketError::none;  // of connect() and open_udp()
  bool silent = false;                                      // nothing sent from now on arrives
  bool damage = false;           // streams and datagrams arrive with one byte changed
  bool lose_server_fin = false;  // peer_finished() is not delivered to connecting sides

  // What a test reads.
  struct Action {
    std::string what;  // connect, close, abort, open_udp
    host::SocketId socket = 0;
    Instant at;
    bool by_client = false;  // the side that connected
  };
  std::vector<Action> actions;
  std::vector<net::Endpoint> sources;  // of connect() and open_udp() with a peer, as chosen
  std::size_t count(const std::string& what, bool by_client) const;
  const Action& last(const std::string& what) const;
  // Sockets that an application holds now.
  std::size_t open_sockets() const { return sides_.size(); }
  Instant now() const { return now_; }

  // Runs until nothing is due up to and including `until`.
  void run(const std::vector<Application*>& applications, Instant until);
  // From within: the peer of every established client resets, or finishes.
  void reset_clients();
  void finish_clients();
  // Delivers bytes to an accepting side as if from its client.
  void inject(host::SocketId to, std::vector<std::uint8_t> bytes);

  // Sockets
  host::ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                              host::SocketEvents& events, Instant now) override;
  std::optional<host::ListenerId> listen(const host::ListenOptions& options,
                                         host::SocketEvents& events, Instant now) override;
  void stop_listening(host::ListenerId listener, Instant now) override;
  host::SocketId accept(host::ListenerId listener, host::SocketEvents& events,
                        Instant now) override;
  host::SocketError send(host::SocketId socket, std::span<const std::uint8_t> bytes,
                         Instant now) override;
  host::SocketError send_pattern(host::SocketId socket, std::uint64_t bytes, Instant now) override;
  void shutdown(host::SocketId socket, Instant now) override;
  void close(host::SocketId socket, Instant now) override;
  void abort(host::SocketId socket, Instant now) override;
  host::ConnectResult open_udp(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                               host::SocketEvents& events, Instant now) override;
  host::SocketError send_datagram(host::SocketId socket, const net::Endpoint& to,
                                  std::span<const std::uint8_t> bytes, Instant now) override;
  std::optional<net::Endpoint> local_endpoint(host::SocketId socket) const override;
  std::optional<net::Endpoint> peer_endpoint(host::SocketId socket) const override;

 private:
  struct Side {
    host::SocketEvents* events = nullptr;  // null: not accepted yet
    host::SocketId peer = 0;
    bool client = false;
    bool udp = false;
    bool established = false;
    std::uint64_t sent = 0;
    std::uint64_t unacknowledged = 0;
    net::Endpoint local;
    std::optional<net::Endpoint> remote;
    std::deque<std::function<void()>> held;  // until accepted
  };
  struct Listener {
    std::uint16_t port = 0;
    host::SocketEvents* events = nullptr;
    std::deque<host::SocketId> queue;
  };

  void later(Duration after, std::function<void()> what);
  void to_peer(host::SocketId from, std::function<void(Side&, host::SocketId)> what);
  void deliver(host::SocketId to, const std::function<void(Side&, host::SocketId)>& what);
  void transmit(host::SocketId from, std::vector<std::uint8_t> bytes);
  void syn_arrives(host::SocketId client, const net::Endpoint& destination);
  void note(const char* what, host::SocketId socket, bool by_client);
  Side* find(host::SocketId socket);

  std::map<host::SocketId, Side> sides_;
  std::map<host::ListenerId, Listener> listeners_;
  std::multimap<Instant, std::function<void()>> events_;  // equal times in order of insertion
  Instant now_ = kStart;
  host::SocketId next_socket_ = 1;
  host::ListenerId next_listener_ = 1;
  std::uint16_t next_port_ = 40000;
};

// Milliseconds since the start.
inline Instant at_ms(std::int64_t ms) { return kStart + std::chrono::milliseconds(ms); }

}  // namespace elblab::workload::testing
