#include "live/hosts/kernel_streams.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "live/hosts/socket_address.hpp"

namespace elblab::live {
namespace {

using host::ConnectResult;
using host::SocketError;
using host::SocketId;
using telemetry::Reason;
using Phase = StreamSocket::Phase;
using Write = StreamSocket::Write;

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kStreamReadPortion = 4 * kReadSize;
constexpr std::uint32_t kEverything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP;
// An error that ends a connection hangs it up too; EPOLLERR alone is an acknowledgement in the
// error queue.
constexpr std::uint32_t kFailed = EPOLLERR | EPOLLHUP;

Reason reason_of(SocketError error) {
  switch (error) {
    case SocketError::connection_refused:
      return Reason::refused_by_peer;
    case SocketError::connection_reset:
    case SocketError::not_connected:  // EPIPE: after its peer's end
      return Reason::reset_by_peer;
    case SocketError::host_unreachable:
      return Reason::unreachable;
    default:
      return Reason::timed_out;
  }
}

}  // namespace

KernelStreams::KernelStreams(KernelContext& context)
    : context_(context), sockets_(0), read_buffer_(kReadSize) {}

const StreamSocket* KernelStreams::find(SocketId id) const {
  const StreamSocket* socket = sockets_.find(id);
  return socket != nullptr && socket->phase != Phase::draining ? socket : nullptr;
}

// A port of 0 with an address must not be chosen by bind(): only connect() knows the destination,
// for which alone the port must be free (rows 17-19; IP_BIND_ADDRESS_NO_PORT of ip(7)).
SocketError KernelStreams::bind_source(int descriptor, const net::Endpoint& source, int family) {
  if (source.port == 0 && source.address.is_unspecified()) return SocketError::none;
  const int yes = 1;
  if (source.port == 0) {
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  } else {
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  }
  const SocketAddress local = to_socket_address(source, family);
  return bind(descriptor, local.data(), local.size) == 0 ? SocketError::none
                                                         : to_socket_error(errno);
}

ConnectResult KernelStreams::refuse(const net::Endpoint& source, const net::Endpoint& destination,
                                    SocketError error, Instant now) {
  ++context_.counters.refused_locally;
  context_.ends.refused_locally({source, destination, net::Protocol::tcp}, now);
  return {0, error};
}

ConnectResult KernelStreams::connect(const net::Endpoint& source, const net::Endpoint& destination,
                                     host::SocketEvents& events, Instant now) {
  const int family = family_of(destination.address);
  if (!source.address.is_unspecified() && family_of(source.address) != family) {
    return refuse(source, destination, SocketError::address_not_available, now);
  }
  FileDescriptor descriptor = context_.open_socket(family, SOCK_STREAM);
  if (!descriptor.open()) return {0, SocketError::not_connected};
  StreamSocket::set_options(descriptor.get());
  const SocketError unbound = bind_source(descriptor.get(), source, family);
  if (unbound != SocketError::none) return refuse(source, destination, unbound, now);
  const SocketAddress remote = to_socket_address(destination, family);
  const bool begun = ::connect(descriptor.get(), remote.data(), remote.size) == 0;
  if (!begun && errno != EINPROGRESS) {
    return refuse(source, destination, to_socket_error(errno), now);
  }
  const SocketId id = sockets_.add();
  StreamSocket& socket = *sockets_.find(id);
  const int watched = descriptor.get();
  socket = StreamSocket(std::move(descriptor), destination, events, Phase::connecting);
  socket.client = true;
  socket.local_endpoint = socket.local();
  if (!context_.watch(watched, id, kEverything)) {
    sockets_.remove(id);
    return refuse(source, destination, SocketError::not_connected, now);
  }
  ++context_.counters.connections_opened;
  return {id, SocketError::none};
}

SocketId KernelStreams::adopt(FileDescriptor descriptor, const net::Endpoint& peer,
                              host::SocketEvents& events) {
  const SocketId id = sockets_.add();
  const int watched = descriptor.get();
  *sockets_.find(id) = StreamSocket(std::move(descriptor), peer, events, Phase::open);
  if (context_.watch(watched, id, kEverything)) return id;
  sockets_.remove(id);
  return 0;
}

StreamSocket* KernelStreams::find_writable(SocketId id) {
  StreamSocket* socket = sockets_.find(id);
  return socket != nullptr && !socket->finish_wanted ? socket : nullptr;
}

SocketError KernelStreams::send(SocketId id, std::span<const std::uint8_t> bytes) {
  StreamSocket* socket = find_writable(id);
  if (socket == nullptr) return SocketError::not_connected;
  if (bytes.empty()) return SocketError::none;
  return written(id, *socket, socket->send(bytes));
}

SocketError KernelStreams::send_pattern(SocketId id, std::uint64_t bytes) {
  StreamSocket* socket = find_writable(id);
  if (socket == nullptr) return SocketError::not_connected;
  if (bytes == 0) return SocketError::none;
  return written(id, *socket, socket->send_pattern(bytes));
}

SocketError KernelStreams::written(SocketId id, StreamSocket& socket, Write outcome) {
  socket.tell_sent = true;
  if (outcome == Write::portion) context_.unfinished.push_back({id, EPOLLOUT});
  if (outcome != Write::failed) return SocketError::none;
  // The kernel has told the error now; closed() is to say it too.
  const SocketError error = socket.take_error();
  socket.keep_error(error);
  context_.unfinished.push_back({id, kFailed});
  return error;
}

void KernelStreams::shutdown(SocketId id) {
  StreamSocket* socket = find_writable(id);
  if (socket == nullptr) return;
  socket->finish_wanted = true;
  if (socket->phase == Phase::open && socket->queue_empty()) socket->finish();
}

void KernelStreams::close(SocketId id, Instant now) {
  StreamSocket* socket = sockets_.find(id);
  if (socket == nullptr || socket->phase == Phase::draining) return;
  if (socket->phase == Phase::connecting) {
    unestablished(*socket, Reason::closed_by_local, now);
  } else if (!socket->queue_empty()) {
    socket->finish_wanted = true;
    socket->phase = Phase::draining;
    return;
  }
  end(id, *socket, SocketError::none, now);
}

void KernelStreams::abort(SocketId id, Instant now) {
  StreamSocket* socket = sockets_.find(id);
  if (socket == nullptr || socket->phase == Phase::draining) return;
  if (socket->phase == Phase::connecting) unestablished(*socket, Reason::reset_by_local, now);
  socket->reset_on_close();
  end(id, *socket, SocketError::none, now);
}

void KernelStreams::unestablished(const StreamSocket& socket, Reason reason, Instant now) {
  ++context_.counters.connections_failed;
  context_.ends.ended_silently(socket.flow(), reason, now);
}

void KernelStreams::end(SocketId id, StreamSocket& socket, SocketError error, Instant now) {
  context_.notices.closed(socket.events, id, error, now);
  sockets_.remove(id);
}

void KernelStreams::handle(SocketId id, std::uint32_t epoll_events, Instant now) {
  StreamSocket* socket = sockets_.find(id);
  if (socket != nullptr && socket->phase == Phase::connecting) {
    socket = handshake(id, *socket, epoll_events, now);
  }
  if (socket != nullptr && (epoll_events & (EPOLLIN | kEnds))) {
    socket = read(id, *socket, epoll_events & kEnds, now);
  }
  if (socket != nullptr && (epoll_events & EPOLLOUT)) socket = write(id, *socket, now);
  if (socket != nullptr && (epoll_events & EPOLLERR)) socket->empty_error_queue();
  if (socket != nullptr) socket = settle(id, *socket, now);
  if (socket != nullptr && (epoll_events & EPOLLHUP)) hung_up(id, *socket, now);
}

// Also when both sides have finished and our FIN is still to be acknowledged.
void KernelStreams::hung_up(SocketId id, StreamSocket& socket, Instant now) {
  const SocketError error = socket.take_error();
  // What came before the end is read first, in portions.
  if (error == SocketError::none && !(socket.peer_finished && socket.ended())) return;
  // Nobody sees on the wire that retransmissions ran out.
  if (error == SocketError::timed_out || error == SocketError::host_unreachable) {
    context_.ends.ended_silently(socket.flow(), reason_of(error), now);
  }
  end(id, socket, error, now);
}

StreamSocket* KernelStreams::handshake(SocketId id, StreamSocket& socket,
                                       std::uint32_t epoll_events, Instant now) {
  if (epoll_events & kFailed) {
    const SocketError error = socket.take_error();
    // A reset without being refused: it was established and over before anyone looked.
    if (error != SocketError::connection_reset && error != SocketError::not_connected) {
      unestablished(socket, reason_of(error), now);
      end(id, socket, error == SocketError::none ? SocketError::connection_reset : error, now);
      return nullptr;
    }
    socket.keep_error(error);
  } else if (!(epoll_events & EPOLLOUT)) {
    return nullptr;
  }
  ++context_.counters.connections_established;
  socket.phase = Phase::open;
  socket.events->connected(id, now);
  StreamSocket* still = sockets_.find(id);
  if (still != nullptr && !still->queue_empty()) still = write(id, *still, now);
  if (still != nullptr && still->finish_wanted && still->queue_empty()) still->finish();
  return still;
}

StreamSocket* KernelStreams::read(SocketId id, StreamSocket& socket, std::uint32_t ends,
                                  Instant now) {
  StreamSocket* at = &socket;
  std::size_t left = kStreamReadPortion;
  while (at != nullptr && !at->peer_finished) {
    const ssize_t n = recv(at->descriptor(), read_buffer_.data(), read_buffer_.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return at;
      at->keep_error(to_socket_error(errno));
      context_.unfinished.push_back({id, kFailed});
      return at;
    }
    if (n == 0) {
      at->peer_finished = true;
      if (at->phase == Phase::open) at->events->peer_finished(id, now);
      return sockets_.find(id);
    }
    if (at->phase == Phase::draining) {  // data for an application that is gone: RST
      at->reset_on_close();
      end(id, *at, SocketError::connection_reset, now);
      return nullptr;
    }
    const auto size = static_cast<std::size_t>(n);
    at->events->received(id, {read_buffer_.data(), size}, now);
    at = sockets_.find(id);
    left -= std::min(left, size);
    // A short read has taken all there was (epoll(7)).
    if (size < read_buffer_.size() && ends == 0) return at;
    if (left == 0) {
      context_.unfinished.push_back({id, EPOLLIN | ends});
      return at;
    }
  }
  return at;
}

StreamSocket* KernelStreams::write(SocketId id, StreamSocket& socket, Instant now) {
  if (socket.queue_empty()) return &socket;
  const Write outcome = socket.write_queued();
  if (outcome == Write::portion) context_.unfinished.push_back({id, EPOLLOUT});
  if (outcome == Write::failed) context_.unfinished.push_back({id, kFailed});
  if (outcome != Write::done) return &socket;
  if (socket.phase == Phase::draining) {
    end(id, socket, SocketError::none, now);
    return nullptr;
  }
  if (socket.finish_wanted) socket.finish();
  return &socket;
}

StreamSocket* KernelStreams::settle(SocketId id, StreamSocket& socket, Instant now) {
  if (!socket.tell_sent || socket.phase != Phase::open || !socket.all_acknowledged()) {
    return &socket;
  }
  socket.tell_sent = false;
  socket.events->sent_all(id, now);
  return sockets_.find(id);
}

}  // namespace elblab::live
