#include "live/hosts/kernel_sockets.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <utility>

namespace elblab::live {
namespace {

using host::ConnectResult;
using host::ListenerId;
using host::SocketError;
using host::SocketId;

constexpr int kEventPortion = 256;

// Thousands of connections need as many descriptors; the usual soft limit is 1024. setrlimit(2).
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

KernelSockets::KernelSockets(const NetworkNamespace& network, observation::SilentEnds& ends)
    : context_(network, ends),
      streams_(context_),
      listeners_(context_, streams_),
      datagrams_(context_) {
  raise_descriptor_limit();
}

Instant KernelSockets::next_deadline() const {
  if (!context_.unfinished.empty()) return last_call_;
  return std::min(context_.notices.next_deadline(), context_.retry_at);
}

void KernelSockets::handle(Instant now) {
  note(now);
  for (const auto& left : std::exchange(context_.unfinished, {})) {
    dispatch(left.id, left.events, now);
  }
  if (context_.retry_at <= now) {
    context_.retry_at = kNever;
    for (const auto& left : std::exchange(context_.starved, {})) {
      dispatch(left.id, left.events, now);
    }
  }
  std::array<epoll_event, kEventPortion> events;
  const int count = epoll_wait(context_.epoll.get(), events.data(), kEventPortion, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    dispatch(event.data.u64, event.events, now);
  }
  context_.notices.deliver(now);
}

void KernelSockets::dispatch(std::uint64_t id, std::uint32_t epoll_events, Instant now) {
  switch (id & SocketTable<int>::kTagMask) {
    case KernelListeners::kTag:
      listeners_.handle(static_cast<ListenerId>(id & ~SocketTable<int>::kTagMask), epoll_events,
                        now);
      return;
    case KernelDatagrams::kTag:
      datagrams_.handle(id, epoll_events, now);
      return;
    default:
      streams_.handle(id, epoll_events, now);
  }
}

ConnectResult KernelSockets::connect(const net::Endpoint& source, const net::Endpoint& destination,
                                     host::SocketEvents& events, Instant now) {
  note(now);
  return streams_.connect(source, destination, events, now);
}

std::optional<ListenerId> KernelSockets::listen(const host::ListenOptions& options,
                                                host::SocketEvents& events, Instant now) {
  note(now);
  return listeners_.listen(options, events);
}

void KernelSockets::stop_listening(ListenerId listener, Instant now) {
  note(now);
  listeners_.stop(listener);
}

SocketId KernelSockets::accept(ListenerId listener, host::SocketEvents& events, Instant now) {
  note(now);
  return listeners_.accept(listener, events, now);
}

SocketError KernelSockets::send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  note(now);
  return streams_.send(socket, bytes);
}

SocketError KernelSockets::send_pattern(SocketId socket, std::uint64_t bytes, Instant now) {
  note(now);
  return streams_.send_pattern(socket, bytes);
}

void KernelSockets::shutdown(SocketId socket, Instant now) {
  note(now);
  streams_.shutdown(socket);
}

void KernelSockets::close(SocketId socket, Instant now) {
  note(now);
  if (KernelDatagrams::is_one(socket)) {
    datagrams_.close(socket, SocketError::none, now);
  } else {
    streams_.close(socket, now);
  }
}

void KernelSockets::abort(SocketId socket, Instant now) {
  note(now);
  if (KernelDatagrams::is_one(socket)) {
    datagrams_.close(socket, SocketError::none, now);
  } else {
    streams_.abort(socket, now);
  }
}

ConnectResult KernelSockets::open_udp(const net::Endpoint& local,
                                      const std::optional<net::Endpoint>& peer,
                                      host::SocketEvents& events, Instant now) {
  note(now);
  return datagrams_.open(local, peer, events);
}

SocketError KernelSockets::send_datagram(SocketId socket, const net::Endpoint& to,
                                         std::span<const std::uint8_t> bytes, Instant now) {
  note(now);
  return datagrams_.send(socket, to, bytes, now);
}

std::optional<net::Endpoint> KernelSockets::local_endpoint(SocketId socket) const {
  if (KernelDatagrams::is_one(socket)) return datagrams_.local_endpoint(socket);
  const StreamSocket* const stream = streams_.find(socket);
  return stream != nullptr ? stream->local() : std::nullopt;
}

std::optional<net::Endpoint> KernelSockets::peer_endpoint(SocketId socket) const {
  if (KernelDatagrams::is_one(socket)) return datagrams_.peer_endpoint(socket);
  const StreamSocket* const stream = streams_.find(socket);
  return stream != nullptr ? std::optional(stream->peer_endpoint) : std::nullopt;
}

}  // namespace elblab::live
