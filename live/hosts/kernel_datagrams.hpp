// The UDP sockets of KernelSockets. udp(7), ip(7), ipv6(7).
//
// A connected socket hears closed(connection_refused) when the kernel got a port unreachable for
// it. A socket on any address answers from the address that was asked (IPV6_PKTINFO). A datagram
// that the send buffer has no room for is lost and counted, as in a full queue.
#pragma once

#include "live/hosts/kernel_context.hpp"
#include "live/hosts/reply_sources.hpp"
#include "live/hosts/socket_table.hpp"

namespace elblab::live {

class KernelDatagrams {
 public:
  static constexpr host::SocketId kTag = 0x80000000;

  explicit KernelDatagrams(KernelContext& context);

  static bool is_one(host::SocketId id) { return (id & SocketTable<int>::kTagMask) == kTag; }

  host::ConnectResult open(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                           host::SocketEvents& events);
  host::SocketError send(host::SocketId id, const net::Endpoint& to,
                         std::span<const std::uint8_t> bytes, Instant now);
  void close(host::SocketId id, host::SocketError error, Instant now);
  std::optional<net::Endpoint> local_endpoint(host::SocketId id) const;
  std::optional<net::Endpoint> peer_endpoint(host::SocketId id) const;

  void handle(host::SocketId id, std::uint32_t epoll_events, Instant now);

 private:
  struct Socket {
    FileDescriptor descriptor;
    int family = 0;
    host::SocketEvents* events = nullptr;
    std::optional<net::Endpoint> peer;
    ReplySources sources;
  };
  struct Datagram {
    std::size_t size = 0;
    net::Endpoint from;
    std::optional<net::IpAddress> asked;  // which address of ours it was sent to
  };

  static host::SocketError set_up(int descriptor, int family, const net::Endpoint& local,
                                  const std::optional<net::Endpoint>& peer);
  // errno if there is none.
  int receive(int descriptor, Datagram& datagram);
  // The error of an earlier datagram ends a connected socket. True: it did.
  bool ended_by_error(host::SocketId id, const Socket& socket, Instant now);

  KernelContext& context_;
  SocketTable<Socket> sockets_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace elblab::live
