#include "live/hosts/stream_socket.hpp"

#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "live/hosts/socket_address.hpp"

namespace elblab::live {
namespace {

using host::SocketError;

constexpr std::size_t kWriteSize = 64 * 1024;
constexpr std::size_t kWritePortion = 16 * kWriteSize;
constexpr int kStateClose = 7;  // TCP_CLOSE of include/net/tcp_states.h

// One for the thread: a write is over before the next begins.
std::span<std::uint8_t> write_scratch() {
  thread_local std::vector<std::uint8_t> bytes(kWriteSize);
  return bytes;
}

}  // namespace

void StreamSocket::set_options(int descriptor) {
  const int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const int stamps =
      SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
  setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
}

std::optional<net::Endpoint> StreamSocket::local() const {
  if (local_endpoint) return local_endpoint;
  SocketAddress address;
  if (getsockname(descriptor_.get(), address.data(), &address.size) != 0) return std::nullopt;
  return to_endpoint(address);
}

net::FlowKey StreamSocket::flow() const {
  const net::FlowKey outwards{local().value_or(net::Endpoint{}), peer_endpoint, net::Protocol::tcp};
  return client ? outwards : outwards.reversed();
}

std::optional<std::size_t> StreamSocket::write(std::span<const std::uint8_t> bytes) {
  for (;;) {
    const ssize_t n = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return 0;
    kept_error_ = to_socket_error(errno);
    return std::nullopt;
  }
}

StreamSocket::Write StreamSocket::send(std::span<const std::uint8_t> bytes) {
  if (phase == Phase::open && queue_empty()) {
    const auto taken = write(bytes);
    if (!taken) return Write::failed;
    queue_.reset(queue_.end() + *taken);
    bytes = bytes.subspan(*taken);
  }
  if (bytes.empty()) return Write::done;
  queue_.append(bytes);
  return Write::blocked;
}

StreamSocket::Write StreamSocket::send_pattern(std::uint64_t bytes) {
  const bool writable = phase == Phase::open && queue_empty();
  queue_.append_pattern(bytes);
  return writable ? write_queued() : Write::blocked;
}

StreamSocket::Write StreamSocket::write_queued() {
  for (std::size_t left = kWritePortion; left > 0;) {
    const std::uint64_t from = queue_.begin();
    const auto size = std::min<std::uint64_t>(queue_.end() - from, kWriteSize);
    if (size == 0) {
      queue_.reset(from);
      return Write::done;
    }
    const auto bytes = write_scratch().first(size);
    queue_.copy(from, bytes);
    const auto taken = write(bytes);
    if (!taken) return Write::failed;
    queue_.release_until(from + *taken);
    if (*taken < size) return Write::blocked;
    left -= std::min(left, *taken);
  }
  return queue_empty() ? Write::done : Write::portion;
}

void StreamSocket::finish() { ::shutdown(descriptor_.get(), SHUT_WR); }

void StreamSocket::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// Times and offsets are not looked at: that they came is the news.
void StreamSocket::empty_error_queue() {
  constexpr unsigned kBatch = 16;
  std::array<mmsghdr, kBatch> messages{};
  while (recvmmsg(descriptor_.get(), messages.data(), kBatch, MSG_ERRQUEUE | MSG_DONTWAIT,
                  nullptr) == kBatch) {
  }
}

SocketError StreamSocket::take_error() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error != 0 ? to_socket_error(error) : kept_error_;
}

bool StreamSocket::all_acknowledged() const {
  int unacknowledged = 0;
  return queue_empty() && ioctl(descriptor_.get(), SIOCOUTQ, &unacknowledged) == 0 &&
         unacknowledged == 0;
}

bool StreamSocket::ended() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(descriptor_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
         info.tcpi_state == kStateClose;
}

}  // namespace elblab::live
