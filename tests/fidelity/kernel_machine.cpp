#include "tests/fidelity/kernel_machine.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "live/network/host_sysctls.hpp"
#include "live/network/proc_sys.hpp"
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
    case EPROTO:
    case ENOPROTOOPT:
    case EACCES:
    case EOPNOTSUPP:
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

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress to_sockaddr(const net::IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(address.v4_value());
    v4.sin_port = htons(port);
    result.size = sizeof v4;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.wire_bytes(), sizeof v6.sin6_addr);
    v6.sin6_port = htons(port);
    result.size = sizeof v6;
  }
  return result;
}

int connect_to(const FileDescriptor& socket, const net::Endpoint& destination) {
  const SocketAddress remote = to_sockaddr(destination.address, destination.port);
  return connect(socket.get(), remote.get(), remote.size) == 0 ? 0 : errno;
}

}  // namespace

KernelMachine::KernelMachine(std::string_view congestion_control)
    : isolated_({{golden::kHostAddress, 8}, {golden::kHostAddress6, 16}}),
      tap_(isolated_),
      started_ns_(monotonic_ns()),
      address_(golden::kHostAddress) {
  must(isolated_.host().enter());
  // A namespace takes it from the machine, which may have any.
  must(live::write_proc_sys("net/ipv4/tcp_congestion_control", congestion_control));
}

FileDescriptor KernelMachine::open_socket(int type) const {
  const int family = address_.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor descriptor(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.open()) fail("socket");
  // As the model, which writes what it is given (no Nagle). Connections inherit it from their
  // listener.
  const int yes = 1;
  if (type == SOCK_STREAM) {
    setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  return descriptor;
}

void KernelMachine::bind_port(const FileDescriptor& socket, std::uint16_t port) const {
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const SocketAddress local = to_sockaddr(address_, port);
  if (bind(socket.get(), local.get(), local.size) != 0) fail("bind");
}

Duration KernelMachine::now() { return Duration(monotonic_ns() - started_ns_); }

void KernelMachine::set_sysctl(std::string_view name, std::int64_t value) {
  must(live::set_sysctl(isolated_.host(), name, value));
}

golden::ListenerHandle KernelMachine::listen(std::uint16_t port, int backlog) {
  FileDescriptor listener = open_socket(SOCK_STREAM);
  bind_port(listener, port);
  if (::listen(listener.get(), backlog) != 0) fail("listen");
  listeners_.push_back({.descriptor = std::move(listener), .accepts_at_once = false});
  return static_cast<golden::ListenerHandle>(listeners_.size() - 1);
}

void KernelMachine::stop_listening(golden::ListenerHandle listener) {
  listeners_.at(listener).descriptor.reset();
}

std::optional<golden::SocketHandle> KernelMachine::accept(golden::ListenerHandle listener) {
  FileDescriptor accepted(accept4(listeners_.at(listener).descriptor.get(), nullptr, nullptr,
                                  SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.open()) return std::nullopt;
  const golden::SocketHandle handle = keep(std::move(accepted), false);
  sockets_[handle].state.phase = golden::SocketPhase::connected;
  return handle;
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
  // A socket that is not connected yet takes nothing, and says so.
  if (::send(socket.descriptor.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 &&
      errno != EAGAIN) {
    note_error(socket, errno);
  }
}

void KernelMachine::shutdown(golden::SocketHandle socket) {
  ::shutdown(sockets_.at(socket).descriptor.get(), SHUT_WR);
}

void KernelMachine::close(golden::SocketHandle socket) {
  learn_phase(sockets_.at(socket));
  sockets_.at(socket).descriptor.reset();
}

void KernelMachine::abort(golden::SocketHandle socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  const FileDescriptor& descriptor = sockets_.at(socket).descriptor;
  setsockopt(descriptor.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

// The first one counts: what comes of using a dead socket is no news.
void KernelMachine::note_error(Socket& socket, int error) {
  if (socket.state.phase == golden::SocketPhase::failed) return;
  socket.state.phase = golden::SocketPhase::failed;
  socket.state.error = socket_error(error);
}

std::uint8_t KernelMachine::tcp_state(const Socket& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  getsockopt(socket.descriptor.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_state;
}

bool KernelMachine::handshake_pending(const Socket& socket) {
  if (socket.datagram) return false;
  const std::uint8_t state = tcp_state(socket);
  return state == TCP_SYN_SENT || state == TCP_SYN_RECV;
}

void KernelMachine::read_all(Socket& socket) {
  // All at once, as an application with a large buffer: the kernel may tell of its window after
  // each call.
  static std::vector<char> buffer(1U << 20);
  for (;;) {
    const ssize_t size = recv(socket.descriptor.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) {
      socket.state.bytes_received += static_cast<std::uint64_t>(size);
      continue;
    }
    const bool failed = socket.state.phase == golden::SocketPhase::failed;
    if (size == 0 && !socket.datagram && !failed) socket.state.peer_finished = true;
    if (size < 0 && errno != EAGAIN) note_error(socket, errno);
    return;
  }
}

void KernelMachine::forget_sockets() {
  sockets_.clear();
  listeners_.clear();
  reads_at_once_ = true;
}

void KernelMachine::read(golden::SocketHandle handle) {
  Socket& socket = sockets_.at(handle);
  if (socket.descriptor.open() && !handshake_pending(socket)) read_all(socket);
}

// Nothing more can come. A UDP socket goes on after an error.
bool KernelMachine::is_over(const Socket& socket) {
  return !socket.datagram &&
         (socket.state.peer_finished || socket.state.phase == golden::SocketPhase::failed);
}

void KernelMachine::learn_phase(Socket& socket) {
  if (socket.state.phase == golden::SocketPhase::connecting && socket.descriptor.open() &&
      !handshake_pending(socket) && (socket.datagram || tcp_state(socket) != TCP_CLOSE)) {
    socket.state.phase = golden::SocketPhase::connected;
  }
}

// Who has read to the end, or does not read, hears of a reset otherwise.
void KernelMachine::learn_reset(Socket& socket) const {
  const bool hears = socket.state.peer_finished || !reads_at_once_;
  if (!socket.datagram && hears && socket.descriptor.open() && tcp_state(socket) == TCP_CLOSE) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) note_error(socket, error);
  }
}

void KernelMachine::attend() {
  for (Socket& socket : sockets_) {
    learn_phase(socket);
    learn_reset(socket);
  }
  for (golden::ListenerHandle handle = 0; handle < listeners_.size(); ++handle) {
    while (listeners_[handle].accepts_at_once && listeners_[handle].descriptor.open() &&
           accept(handle)) {
    }
  }
  if (!reads_at_once_) return;
  for (Socket& socket : sockets_) {
    const bool over = is_over(socket);
    if (socket.descriptor.open() && !over && !handshake_pending(socket)) read_all(socket);
  }
}

golden::SocketState KernelMachine::state(golden::SocketHandle handle) {
  Socket& socket = sockets_.at(handle);
  if (is_over(socket) && socket.state.phase == golden::SocketPhase::failed) return socket.state;
  if (!socket.descriptor.open()) return socket.state;
  // What came before an error can still be read; recv() then tells the error.
  if (!handshake_pending(socket)) {
    learn_phase(socket);
    if (reads_at_once_) read_all(socket);
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  // A soft error (an ICMP message that a living connection outlives) is told by SO_ERROR too.
  if (error != 0 && (socket.datagram || tcp_state(socket) == TCP_CLOSE)) note_error(socket, error);
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
    attend();
    if (auto received = tap_.receive(Duration::zero())) {
      return golden::EmittedPacket{.at = now() - received->age,
                                   .bytes = std::move(received->packet)};
    }
    wait(deadline);
  } while (now() < deadline);
  return std::nullopt;
}

void KernelMachine::wait(Duration deadline) {
  const Duration left = deadline - now();
  if (left <= Duration::zero()) return;
  std::vector<pollfd> entries{{.fd = tap_.descriptor(), .events = POLLIN, .revents = 0}};
  for (const Listener& listener : listeners_) {
    if (!listener.accepts_at_once || !listener.descriptor.open()) continue;
    entries.push_back({.fd = listener.descriptor.get(), .events = POLLIN, .revents = 0});
  }
  for (const Socket& socket : sockets_) {
    const bool over = is_over(socket);
    if (!reads_at_once_ || over || !socket.descriptor.open() || handshake_pending(socket)) continue;
    entries.push_back({.fd = socket.descriptor.get(), .events = POLLIN, .revents = 0});
  }
  const timespec timeout{.tv_sec = left.count() / 1'000'000'000,
                         .tv_nsec = left.count() % 1'000'000'000};
  ppoll(entries.data(), entries.size(), &timeout, nullptr);
}

}  // namespace elblab::fidelity
