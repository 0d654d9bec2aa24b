// host::Sockets over ns-3's own TCP, so that the same workloads run on an independent TCP.
//
// Scope: TCP over IPv4. Where ns-3 differs from the interface the nearest it offers is used:
//   - abort() closes in order: ns-3 has no SO_LINGER and sends RST on its own terms only;
//   - the accept queue has no limit (linux-host.md row 20);
//   - a connection that fails tells no more than that: reset, refused and timed out are one error.
// open_udp() answers address_not_available. Counters hold what the interface itself can see.
#pragma once

#include <ns3/node.h>
#include <ns3/tcp-socket-base.h>

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "models/host/host.hpp"
#include "sim/ns3_connection.hpp"
#include "sim/ns3_ports.hpp"

namespace elblab::sim {

class Ns3Sockets final : public host::Sockets {
 public:
  // `after_event` is called after callbacks ran from inside ns-3: deadlines may have moved.
  Ns3Sockets(ns3::Ptr<ns3::Node> node, net::IpAddress address, std::function<void()> after_event);
  ~Ns3Sockets() override;

  const host::HostCounters& counters() const { return counters_; }

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
  void abort(host::SocketId socket, Instant now) override { close(socket, now); }
  host::ConnectResult open_udp(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                               host::SocketEvents& events, Instant now) override;
  host::SocketError send_datagram(host::SocketId socket, const net::Endpoint& to,
                                  std::span<const std::uint8_t> bytes, Instant now) override;
  std::optional<net::Endpoint> local_endpoint(host::SocketId socket) const override;
  std::optional<net::Endpoint> peer_endpoint(host::SocketId socket) const override;

 private:
  struct Listener {
    ns3::Ptr<ns3::Socket> socket;
    host::SocketEvents* events = nullptr;
    std::deque<host::SocketId> waiting;
  };

  bool bind(ns3::Socket& socket, net::Endpoint local, Instant now);
  Ns3Connection* find(host::SocketId socket);
  const Ns3Connection* find(host::SocketId socket) const;
  Ns3Connection& add(ns3::Ptr<ns3::Socket> socket);
  void accepted(host::ListenerId listener, ns3::Ptr<ns3::Socket> socket);
  void refuse_waiting(host::SocketId socket);
  // A connection tells what happened to it.
  void established(host::SocketId socket);
  void count_end(const Ns3Connection& connection);
  void remove(host::SocketId socket, host::SocketError error);
  friend class Ns3Connection;

  ns3::Ptr<ns3::Node> node_;
  net::IpAddress address_;
  Ns3Ports ports_;
  std::function<void()> after_event_;
  host::HostCounters counters_;
  std::map<host::SocketId, std::unique_ptr<Ns3Connection>> connections_;
  std::vector<std::unique_ptr<Ns3Connection>> gone_;  // ended in this instant
  std::map<host::ListenerId, Listener> listeners_;
  host::SocketId next_socket_ = 1;
  host::ListenerId next_listener_ = 1;
};

}  // namespace elblab::sim
