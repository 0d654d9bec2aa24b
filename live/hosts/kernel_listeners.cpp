#include "live/hosts/kernel_listeners.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "live/hosts/socket_address.hpp"

namespace elblab::live {

using host::ListenerId;
using host::SocketId;

namespace {
// Beside epoll's own: what was announced could not be taken.
constexpr std::uint32_t kAnnounceAgain = EPOLLMSG;
}  // namespace

// Port 0, which listen() would turn into any free one, is a refusal as in the host model.
FileDescriptor KernelListeners::open(const host::ListenOptions& options) {
  if (options.port == 0) return {};
  int family = family_of(options.address);
  FileDescriptor descriptor = context_.open_socket(family, SOCK_STREAM);
  if (!descriptor.open() && errno == EAFNOSUPPORT && options.address.is_unspecified()) {
    family = AF_INET;  // a kernel without IPv6
    descriptor = context_.open_socket(family, SOCK_STREAM);
  }
  if (!descriptor.open()) return {};
  const int yes = 1;
  const int no = 0;
  // TIME_WAITs of the port must not keep it (socket(7)).
  setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (family == AF_INET6) {
    const int* const only = options.address.is_unspecified() ? &no : &yes;
    setsockopt(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, only, sizeof *only);
  }
  StreamSocket::set_options(descriptor.get());  // accepted sockets inherit them
  const SocketAddress local = to_socket_address({options.address, options.port}, family);
  if (bind(descriptor.get(), local.data(), local.size) != 0) return {};
  if (::listen(descriptor.get(), std::max(options.backlog, 0)) != 0) return {};
  return descriptor;
}

std::optional<ListenerId> KernelListeners::listen(const host::ListenOptions& options,
                                                  host::SocketEvents& events) {
  FileDescriptor descriptor = open(options);
  if (!descriptor.open()) return std::nullopt;
  const auto id = static_cast<ListenerId>(listeners_.size() + 1);
  if (!context_.watch(descriptor.get(), kTag | id, EPOLLIN | EPOLLET)) return std::nullopt;
  listeners_.push_back({std::move(descriptor), &events, 0});
  return id;
}

KernelListeners::Listener* KernelListeners::find(ListenerId id) {
  if (id == 0 || id > listeners_.size()) return nullptr;
  Listener& listener = listeners_[id - 1];
  return listener.descriptor.open() ? &listener : nullptr;
}

void KernelListeners::stop(ListenerId id) {
  if (Listener* listener = find(id)) *listener = {};
}

SocketId KernelListeners::accept(ListenerId id, host::SocketEvents& events, Instant now) {
  Listener* const listener = find(id);
  if (listener == nullptr) return 0;
  for (;;) {
    SocketAddress peer;
    FileDescriptor accepted(
        accept4(listener->descriptor.get(), peer.data(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.open()) {
      if (listener->announced > 0) --listener->announced;
      return streams_.adopt(std::move(accepted), to_endpoint(peer), events);
    }
    if (errno == EAGAIN) {
      listener->announced = 0;
      return 0;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection waits on: it is told of again at the next chance.
      ++context_.counters.out_of_descriptors;
      context_.retry_later({kTag | id, kAnnounceAgain}, now);
      return 0;
    }
    // Others are errors of one connection, which is gone (accept(2)).
  }
}

std::size_t KernelListeners::queue_length(ListenerId id) const {
  const Listener* const listener = const_cast<KernelListeners*>(this)->find(id);
  if (listener == nullptr) return 0;
  tcp_info info{};
  socklen_t size = sizeof info;
  // Of a listening socket tcpi_unacked is the length of its accept queue (tcp_get_info()).
  getsockopt(listener->descriptor.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_unacked;
}

// What is announced may have been taken, and more with it, before the next round.
void KernelListeners::handle(ListenerId id, std::uint32_t epoll_events, Instant now) {
  if (Listener* const starved = find(id); starved != nullptr && (epoll_events & kAnnounceAgain)) {
    starved->announced = 0;
  }
  for (Listener* listener = find(id); listener != nullptr && queue_length(id) > listener->announced;
       listener = find(id)) {
    ++listener->announced;
    listener->events->acceptable(id, now);
  }
}

}  // namespace elblab::live
