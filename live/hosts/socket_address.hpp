// Between net::Endpoint and the system's socket addresses (ip(7), ipv6(7)), and between errno and
// host::SocketError.
//
// An IPv4 address has the same 16 bytes in a net::IpAddress and, IPv4-mapped, in an AF_INET6
// socket, so a dual-stack socket needs no case of its own.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "models/host/sockets.hpp"

namespace elblab::live {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
};

// AF_INET or AF_INET6, as the address is; an unspecified one is AF_INET6.
int family_of(const net::IpAddress& address);
// In the form that a socket of the family takes; IPv4 addresses are mapped for AF_INET6.
SocketAddress to_socket_address(const net::Endpoint& endpoint, int family);
net::Endpoint to_endpoint(const SocketAddress& address);

// What a socket that failed with this errno tells its application; `none` for 0. EPIPE is an RST
// that came after the peer's FIN (tcp_reset()).
host::SocketError to_socket_error(int error);

}  // namespace elblab::live
