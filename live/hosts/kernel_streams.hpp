// The TCP connections of KernelSockets: calls of applications in, callbacks out.
//
// Sockets are watched edge-triggered for everything at once, so that a connection costs one
// epoll_ctl(); what a portion leaves over is kept as unfinished work. epoll(7), tcp(7).
#pragma once

#include "live/hosts/kernel_context.hpp"
#include "live/hosts/socket_table.hpp"
#include "live/hosts/stream_socket.hpp"

namespace elblab::live {

class KernelStreams {
 public:
  explicit KernelStreams(KernelContext& context);

  host::ConnectResult connect(const net::Endpoint& source, const net::Endpoint& destination,
                              host::SocketEvents& events, Instant now);
  // Takes over a socket that accept() gave.
  host::SocketId adopt(FileDescriptor descriptor, const net::Endpoint& peer,
                       host::SocketEvents& events);
  host::SocketError send(host::SocketId id, std::span<const std::uint8_t> bytes);
  host::SocketError send_pattern(host::SocketId id, std::uint64_t bytes);
  void shutdown(host::SocketId id);
  void close(host::SocketId id, Instant now);
  void abort(host::SocketId id, Instant now);
  // nullptr: no such socket, or closed by its application.
  const StreamSocket* find(host::SocketId id) const;

  // epoll events of this socket; passed over if it is gone.
  void handle(host::SocketId id, std::uint32_t epoll_events, Instant now);

 private:
  // Of connect(): why the socket cannot be bound to the source, `none` if it was.
  static host::SocketError bind_source(int descriptor, const net::Endpoint& source, int family);
  host::ConnectResult refuse(const net::Endpoint& source, const net::Endpoint& destination,
                             host::SocketError error, Instant now);
  StreamSocket* find_writable(host::SocketId id);
  host::SocketError written(host::SocketId id, StreamSocket& socket, StreamSocket::Write outcome);

  // The steps of handle(): the socket if it is still there.
  StreamSocket* handshake(host::SocketId id, StreamSocket& socket, std::uint32_t epoll_events,
                          Instant now);
  StreamSocket* read(host::SocketId id, StreamSocket& socket, std::uint32_t ends, Instant now);
  StreamSocket* write(host::SocketId id, StreamSocket& socket, Instant now);
  StreamSocket* settle(host::SocketId id, StreamSocket& socket, Instant now);
  void hung_up(host::SocketId id, StreamSocket& socket, Instant now);

  void unestablished(const StreamSocket& socket, telemetry::Reason reason, Instant now);
  void end(host::SocketId id, StreamSocket& socket, host::SocketError error, Instant now);

  KernelContext& context_;
  SocketTable<StreamSocket> sockets_;
  std::vector<std::uint8_t> read_buffer_;
};

}  // namespace elblab::live
