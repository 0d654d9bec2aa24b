#include "live/hosts/socket_address.hpp"

#include <cerrno>
#include <cstring>

namespace elblab::live {

using host::SocketError;

int family_of(const net::IpAddress& address) {
  return address.is_v4() && !address.is_unspecified() ? AF_INET : AF_INET6;
}

SocketAddress to_socket_address(const net::Endpoint& endpoint, int family) {
  SocketAddress result;
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    if (!endpoint.address.is_unspecified()) {
      std::memcpy(&v4.sin_addr, endpoint.address.wire_bytes(), sizeof v4.sin_addr);
    }
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.size = sizeof v4;
    return result;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  if (!endpoint.address.is_unspecified()) {
    std::memcpy(&v6.sin6_addr, endpoint.address.bytes().data(), sizeof v6.sin6_addr);
  }
  std::memcpy(&result.storage, &v6, sizeof v6);
  result.size = sizeof v6;
  return result;
}

net::Endpoint to_endpoint(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    return {net::IpAddress::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.storage, sizeof v6);
  return {net::IpAddress::from_v6_bytes(v6.sin6_addr.s6_addr), ntohs(v6.sin6_port)};
}

SocketError to_socket_error(int error) {
  switch (error) {
    case 0:
      return SocketError::none;
    case EADDRINUSE:
    case EAGAIN:  // a UDP connect() that found no free port
      return SocketError::address_in_use;
    case EADDRNOTAVAIL:
      return SocketError::address_not_available;
    case ECONNREFUSED:
      return SocketError::connection_refused;
    case ECONNRESET:
    case ECONNABORTED:
      return SocketError::connection_reset;
    case ETIMEDOUT:
      return SocketError::timed_out;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENONET:
    case ENOPROTOOPT:  // ICMP protocol unreachable
    case EPROTO:
    case EMSGSIZE:
    case EACCES:
    case EPERM:
      return SocketError::host_unreachable;
    default:
      return SocketError::not_connected;
  }
}

}  // namespace elblab::live
