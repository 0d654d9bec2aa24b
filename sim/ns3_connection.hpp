// One TCP connection of ns-3's as host::SocketEvents see it: queues what does not fit the socket's
// buffer, reads what arrives, and turns ns-3's callbacks into ours.
#pragma once

#include <ns3/tcp-socket-base.h>

#include <deque>
#include <span>
#include <vector>

#include "models/host/sockets.hpp"

namespace elblab::sim {

class Ns3Sockets;

class Ns3Connection {
 public:
  Ns3Connection(Ns3Sockets& owner, host::SocketId id, ns3::Ptr<ns3::Socket> socket);
  ~Ns3Connection();
  Ns3Connection(const Ns3Connection&) = delete;
  Ns3Connection& operator=(const Ns3Connection&) = delete;

  host::SocketId id() const { return id_; }
  const ns3::Ptr<ns3::Socket>& socket() const { return socket_; }
  bool was_established() const { return established_; }
  bool is_client() const { return client_; }
  bool has_ended() const { return ended_; }

  bool connect(const net::Endpoint& destination, host::SocketEvents& events);
  // The handshake of a connection towards us is over: it waits in the accept queue.
  void arrived() { established_ = true; }
  // An accepted connection gets its application; what arrived before is handed over at once, the
  // end of one that its peer reset meanwhile too.
  void take(host::SocketEvents& events);
  host::SocketError send(std::span<const std::uint8_t> bytes);
  host::SocketError send_pattern(std::uint64_t bytes);
  void shutdown();
  void close();
  // The last word to the application.
  void tell_closed(host::SocketError error);

 private:
  // Bytes, or `pattern` bytes of the pattern stream, still to be given to the socket.
  struct Queued {
    std::vector<std::uint8_t> bytes;
    std::size_t sent = 0;
    std::uint64_t pattern = 0;
  };

  void pump();
  void read();
  void finish_sending_if_done();
  bool is_waiting() const { return !client_ && events_ == nullptr && !closing_; }
  void hand_over();
  // Leaves the owner, which destroys this once the present event is over; one that still waits to
  // be accepted when that has happened.
  void end(host::SocketError error);
  // ns-3's callbacks.
  void on_connected(ns3::Ptr<ns3::Socket> socket);
  void on_connect_failed(ns3::Ptr<ns3::Socket> socket);
  void on_readable(ns3::Ptr<ns3::Socket> socket);
  void on_writable(ns3::Ptr<ns3::Socket> socket, std::uint32_t available);
  void on_normal_close(ns3::Ptr<ns3::Socket> socket);
  void on_error_close(ns3::Ptr<ns3::Socket> socket);

  Ns3Sockets& owner_;
  host::SocketId id_;
  ns3::Ptr<ns3::Socket> socket_;
  host::SocketEvents* events_ = nullptr;
  std::deque<Queued> queue_;
  std::uint64_t stream_offset_ = 0;  // of the next byte given to the socket
  std::vector<std::uint8_t> buffer_;
  bool client_ = false;
  bool established_ = false;
  bool peer_finished_ = false;
  bool told_sent_all_ = true;
  bool shutting_down_ = false;  // FIN once the queue is empty
  bool closing_ = false;        // the application has let go
  bool closed_by_us_ = false;   // our FIN was asked for
  bool ended_ = false;
  host::SocketError ended_by_ = host::SocketError::none;  // while it waits: told when accepted
};

}  // namespace elblab::sim
