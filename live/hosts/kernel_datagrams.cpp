#include "live/hosts/kernel_datagrams.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "live/hosts/socket_address.hpp"

namespace elblab::live {
namespace {

using host::ConnectResult;
using host::SocketError;
using host::SocketId;

constexpr std::size_t kLargestPayload = 65536;
constexpr int kDatagramsInARow = 64;  // datagrams of one socket in a row

// Room for one IPV6_PKTINFO, laid out for the system.
struct PacketInfo {
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> bytes{};
};

void answer_from(const net::IpAddress& source, PacketInfo& info, msghdr& message) {
  message.msg_control = info.bytes.data();
  message.msg_controllen = info.bytes.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IPV6;
  header->cmsg_type = IPV6_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
  in6_pktinfo content{};
  std::memcpy(&content.ipi6_addr, source.bytes().data(), sizeof content.ipi6_addr);
  std::memcpy(CMSG_DATA(header), &content, sizeof content);
}

std::optional<net::IpAddress> asked_address(msghdr& message) {
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != IPPROTO_IPV6 || at->cmsg_type != IPV6_PKTINFO) continue;
    in6_pktinfo content{};
    std::memcpy(&content, CMSG_DATA(at), sizeof content);
    return net::IpAddress::from_v6_bytes(content.ipi6_addr.s6_addr);
  }
  return std::nullopt;
}

}  // namespace

KernelDatagrams::KernelDatagrams(KernelContext& context)
    : context_(context), sockets_(kTag), buffer_(kLargestPayload) {}

SocketError KernelDatagrams::set_up(int descriptor, int family, const net::Endpoint& local,
                                    const std::optional<net::Endpoint>& peer) {
  const int yes = 1;
  const int no = 0;
  const bool any = local.address.is_unspecified();
  if (any && !peer && family == AF_INET6) {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
  }
  // Two connected sockets to different peers may share a port.
  if (peer && local.port != 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  }
  if (!any || local.port != 0 || !peer) {
    const SocketAddress address = to_socket_address(local, family);
    if (bind(descriptor, address.data(), address.size) != 0) return to_socket_error(errno);
  }
  if (!peer) return SocketError::none;
  const SocketAddress address = to_socket_address(*peer, family);
  return connect(descriptor, address.data(), address.size) == 0 ? SocketError::none
                                                                : to_socket_error(errno);
}

ConnectResult KernelDatagrams::open(const net::Endpoint& local,
                                    const std::optional<net::Endpoint>& peer,
                                    host::SocketEvents& events) {
  int family = family_of(peer ? peer->address : local.address);
  if (!local.address.is_unspecified() && family_of(local.address) != family) {
    return {0, SocketError::address_not_available};
  }
  FileDescriptor descriptor = context_.open_socket(family, SOCK_DGRAM);
  if (!descriptor.open() && errno == EAFNOSUPPORT && !peer && local.address.is_unspecified()) {
    family = AF_INET;  // a kernel without IPv6
    descriptor = context_.open_socket(family, SOCK_DGRAM);
  }
  if (!descriptor.open()) return {0, SocketError::not_connected};
  const SocketError error = set_up(descriptor.get(), family, local, peer);
  if (error != SocketError::none) return {0, error};
  const SocketId id = sockets_.add();
  if (!context_.watch(descriptor.get(), id, EPOLLIN | EPOLLET)) {
    sockets_.remove(id);
    return {0, SocketError::not_connected};
  }
  Socket& socket = *sockets_.find(id);
  socket.descriptor = std::move(descriptor);
  socket.family = family;
  socket.events = &events;
  socket.peer = peer;
  return {id, SocketError::none};
}

SocketError KernelDatagrams::send(SocketId id, const net::Endpoint& to,
                                  std::span<const std::uint8_t> bytes, Instant now) {
  Socket* const socket = sockets_.find(id);
  if (socket == nullptr) return SocketError::not_connected;
  const bool to_peer = socket->peer && (to.address.is_unspecified() || to == *socket->peer);
  SocketAddress address = to_socket_address(to, socket->family);
  iovec part{.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  PacketInfo info;
  if (!to_peer) {
    message.msg_name = address.data();
    message.msg_namelen = address.size;
    if (const auto source = socket->sources.for_answer_to(to)) answer_from(*source, info, message);
  }
  if (sendmsg(socket->descriptor.get(), &message, MSG_NOSIGNAL) >= 0) return SocketError::none;
  if (errno == EAGAIN || errno == ENOBUFS) {
    ++context_.counters.datagrams_not_taken;
    return SocketError::none;
  }
  // An ICMP error that answered an earlier datagram comes out here when nobody has read it yet.
  const SocketError error = to_socket_error(errno);
  if (socket->peer && error == SocketError::connection_refused) close(id, error, now);
  return error;
}

void KernelDatagrams::close(SocketId id, SocketError error, Instant now) {
  Socket* const socket = sockets_.find(id);
  if (socket == nullptr) return;
  context_.notices.closed(socket->events, id, error, now);
  sockets_.remove(id);
}

std::optional<net::Endpoint> KernelDatagrams::local_endpoint(SocketId id) const {
  const Socket* const socket = sockets_.find(id);
  SocketAddress address;
  if (socket == nullptr ||
      getsockname(socket->descriptor.get(), address.data(), &address.size) != 0) {
    return std::nullopt;
  }
  return to_endpoint(address);
}

std::optional<net::Endpoint> KernelDatagrams::peer_endpoint(SocketId id) const {
  const Socket* const socket = sockets_.find(id);
  return socket != nullptr ? socket->peer : std::nullopt;
}

int KernelDatagrams::receive(int descriptor, Datagram& datagram) {
  SocketAddress from;
  iovec part{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  PacketInfo info;
  msghdr message{};
  message.msg_name = from.data();
  message.msg_namelen = from.size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = info.bytes.data();
  message.msg_controllen = info.bytes.size();
  const ssize_t size = recvmsg(descriptor, &message, 0);
  if (size < 0) return errno;
  datagram.size = static_cast<std::size_t>(size);
  datagram.from = to_endpoint(from);
  datagram.asked = asked_address(message);
  return 0;
}

bool KernelDatagrams::ended_by_error(SocketId id, const Socket& socket, Instant now) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0 || !socket.peer) return false;
  close(id, to_socket_error(error), now);
  return true;
}

void KernelDatagrams::handle(SocketId id, std::uint32_t epoll_events, Instant now) {
  for (int i = 0; i < kDatagramsInARow; ++i) {
    Socket* const socket = sockets_.find(id);
    if (socket == nullptr) return;
    if (i == 0 && (epoll_events & EPOLLERR) && ended_by_error(id, *socket, now)) return;
    Datagram datagram;
    const int error = receive(socket->descriptor.get(), datagram);
    if (error == EAGAIN) return;
    if (error == EINTR) continue;
    if (error != 0) {
      if (socket->peer) close(id, to_socket_error(error), now);
      return;
    }
    if (datagram.asked) socket->sources.asked(datagram.from, *datagram.asked);
    socket->events->datagram(id, datagram.from, {buffer_.data(), datagram.size}, now);
  }
  context_.unfinished.push_back({id, EPOLLIN});
}

}  // namespace elblab::live
