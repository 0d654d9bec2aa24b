#include "tests/fidelity/kernel_machine.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "live/network/host_sysctls.hpp"
#include "tests/fidelity/proc_net.hpp"

namespace elblab::fidelity {

using live::FileDescriptor;

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

host::SocketError socket_error(int error) {
  switch (error) {
    case 0:
      return host::SocketError::none;
    case EADDRINUSE:
      return host::SocketError::address_in_use;
    case EADDRNOTAVAIL:
      return host::SocketError::address_not_available;
    case ECONNREFUSED:
      return host::SocketError::connection_refused;
    case ECONNRESET:
      return host::SocketError::connection_reset;
    case ETIMEDOUT:
      return host::SocketError::timed_out;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return host::SocketError::host_unreachable;
    case EPIPE:
    case ENOTCONN:
    case EBADF:
      return host::SocketError::not_connected;
    default:
      throw std::system_error(error, std::generic_category(), "unexpected socket error");
  }
}

sockaddr_in to_sockaddr(const net::IpAddress& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address.v4_value());
  result.sin_port = htons(port);
  return result;
}

FileDescriptor open_socket(int type) {
  FileDescriptor descriptor(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.open()) fail("socket");
  return descriptor;
}

void bind_port(const FileDescriptor& socket, std::uint16_t port) {
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in local = to_sockaddr(golden::kHostAddress, port);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    fail("bind");
  }
}

int connect_to(const FileDescriptor& socket, const net::Endpoint& destination) {
  const sockaddr_in remote = to_sockaddr(destination.address, destination.port);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0) {
    return 0;
  }
  return errno;
}

}  // namespace

KernelMachine::KernelMachine()
    : isolated_(golden::kHostAddress, 8), tap_(isolated_), started_ns_(monotonic_ns()) {
  must(isolated_.host().enter());
}

Duration KernelMachine::now() { return Duration(monotonic_ns() - started_ns_); }

void KernelMachine::set_sysctl(std::string_view name, std::int64_t value) {
  must(live::set_sysctl(isolated_.host(), name, value));
}

golden::ListenerHandle KernelMachine::listen(std::uint16_t port, int backlog) {
  FileDescriptor listener = open_socket(SOCK_STREAM);
  bind_port(listener, port);
  if (::listen(listener.get(), backlog) != 0) fail("listen");
  listeners_.push_back(std::move(listener));
  return static_cast<golden::ListenerHandle>(listeners_.size() - 1);
}

void KernelMachine::stop_listening(golden::ListenerHandle listener) {
  listeners_.at(listener).reset();
}

std::optional<golden::SocketHandle> KernelMachine::accept(golden::ListenerHandle listener) {
  FileDescriptor accepted(
      accept4(listeners_.at(listener).get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.open()) return std::nullopt;
  return keep(std::move(accepted), false);
}

golden::ConnectOutcome KernelMachine::connect(const net::Endpoint& destination,
                                              std::uint16_t source_port) {
  FileDescriptor descriptor = open_socket(SOCK_STREAM);
  if (source_port != 0) bind_port(descriptor, source_port);
  const int error = connect_to(descriptor, destination);
  golden::ConnectOutcome outcome;
  outcome.socket = keep(std::move(descriptor), false);
  if (error != 0 && error != EINPROGRESS) {
    note_error(sockets_[outcome.socket], error);
    outcome.error = socket_error(error);
  }
  return outcome;
}

golden::SocketHandle KernelMachine::open_udp(std::uint16_t port,
                                             const std::optional<net::Endpoint>& peer) {
  FileDescriptor descriptor = open_socket(SOCK_DGRAM);
  bind_port(descriptor, port);
  if (peer && connect_to(descriptor, *peer) != 0) fail("connect of a UDP socket");
  return keep(std::move(descriptor), true);
}

golden::SocketHandle KernelMachine::keep(FileDescriptor descriptor, bool datagram) {
  sockets_.push_back({.descriptor = std::move(descriptor), .datagram = datagram, .state = {}});
  return static_cast<golden::SocketHandle>(sockets_.size() - 1);
}

void KernelMachine::send(golden::SocketHandle handle, std::span<const std::uint8_t> bytes) {
  Socket& socket = sockets_.at(handle);
  if (::send(socket.descriptor.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
    note_error(socket, errno);
  }
}

void KernelMachine::shutdown(golden::SocketHandle socket) {
  ::shutdown(sockets_.at(socket).descriptor.get(), SHUT_WR);
}

void KernelMachine::close(golden::SocketHandle socket) { sockets_.at(socket).descriptor.reset(); }

void KernelMachine::abort(golden::SocketHandle socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  const FileDescriptor& descriptor = sockets_.at(socket).descriptor;
  setsockopt(descriptor.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

void KernelMachine::note_error(Socket& socket, int error) {
  socket.state.phase = golden::SocketPhase::failed;
  socket.state.error = socket_error(error);
}

bool KernelMachine::handshake_pending(const Socket& socket) {
  if (socket.datagram) return false;
  tcp_info info{};
  socklen_t size = sizeof info;
  getsockopt(socket.descriptor.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_state == TCP_SYN_SENT;
}

void KernelMachine::read_all(Socket& socket) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = recv(socket.descriptor.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) {
      socket.state.bytes_received += static_cast<std::uint64_t>(size);
      continue;
    }
    if (size == 0 && !socket.datagram) socket.state.peer_finished = true;
    if (size < 0 && errno != EAGAIN) note_error(socket, errno);
    return;
  }
}

golden::SocketState KernelMachine::state(golden::SocketHandle handle) {
  Socket& socket = sockets_.at(handle);
  if (socket.state.phase == golden::SocketPhase::failed || !socket.descriptor.open()) {
    return socket.state;
  }
  // What came before an error can still be read; recv() then tells the error.
  if (!handshake_pending(socket)) {
    socket.state.phase = golden::SocketPhase::connected;
    read_all(socket);
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) note_error(socket, error);
  return socket.state;
}

golden::HostGauges KernelMachine::gauges() {
  const TcpStateCounts counts = count_tcp_states();
  return {.syn_received = counts.syn_received,
          .established = counts.established,
          .time_wait = counts.time_wait,
          .resets_sent = read_tcp_counter("OutRsts")};
}

std::optional<golden::EmittedPacket> KernelMachine::next_packet(Duration deadline) {
  do {
    if (auto received = tap_.receive(deadline - now())) {
      return golden::EmittedPacket{.at = now() - received->age,
                                   .bytes = std::move(received->packet)};
    }
  } while (now() < deadline);
  return std::nullopt;
}

}  // namespace elblab::fidelity
