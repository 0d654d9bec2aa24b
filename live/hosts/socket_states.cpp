#include "live/hosts/socket_states.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace elblab::live {
namespace {

// include/net/tcp_states.h
enum State : unsigned {
  kSynSent = 2,
  kSynReceived = 3,
  kFinWait1 = 4,
  kFinWait2 = 5,
  kCloseWait = 8,
  kLastAck = 9,
  kListen = 10,
  kClosing = 11,
};
constexpr unsigned kAskedFor = 1U << kSynSent | 1U << kSynReceived | 1U << kFinWait1 |
                               1U << kFinWait2 | 1U << kCloseWait | 1U << kLastAck | 1U << kListen |
                               1U << kClosing;
constexpr std::uint8_t kTimeWaitTimer = 3;  // idiag_timer of what is kept as a TIME_WAIT

// Of a listener the kernel tells its accept queue and backlog (tcp_diag_get_info()). The queue
// holds one more than the backlog.
void add_listener(const inet_diag_msg& socket, SocketStates::Counts& counts) {
  const std::uint64_t queue = socket.idiag_rqueue;
  const std::uint64_t backlog = socket.idiag_wqueue;
  if (counts.listening && queue * (counts.backlog + 1) <= counts.accept_queue * (backlog + 1)) {
    return;
  }
  counts.listening = true;
  counts.accept_queue = queue;
  counts.backlog = backlog;
}

void add(const inet_diag_msg& socket, SocketStates::Counts& counts) {
  switch (socket.idiag_state) {
    case kSynSent:
      ++counts.syn_sent;
      return;
    case kSynReceived:
      ++counts.syn_received;
      return;
    case kCloseWait:
      ++counts.close_wait;
      return;
    case kListen:
      add_listener(socket, counts);
      return;
    case kFinWait2:
      ++counts.fin_wait_2;
      if (socket.idiag_timer == kTimeWaitTimer) ++counts.fin_wait_2_orphans;
      return;
    default:
      ++counts.closing;
  }
}

}  // namespace

Expected<void> SocketStates::open() {
  socket_ = FileDescriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket_.open()) return refused("opening a sock_diag socket");
  Counts counts;
  if (!count(counts)) return refused("asking sock_diag for TCP sockets");
  return {};
}

// TCPDIAG_GETSOCK asks for both families in one walk; SOCK_DIAG_BY_FAMILY would need two.
bool SocketStates::ask() {
  struct {
    nlmsghdr header{};
    inet_diag_req request{};
  } message;
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = TCPDIAG_GETSOCK;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.idiag_family = AF_UNSPEC;
  message.request.idiag_states = kAskedFor;
  return send(socket_.get(), &message, sizeof message, 0) == sizeof message;
}

bool SocketStates::count(Counts& counts) {
  counts = {};
  if (!ask()) return false;
  alignas(nlmsghdr) std::array<std::uint8_t, 32 * 1024> buffer;
  for (;;) {
    const ssize_t received = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (received <= 0) return false;
    const auto size = static_cast<std::size_t>(received);
    for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
      nlmsghdr header;
      std::memcpy(&header, buffer.data() + at, sizeof header);
      if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size) return false;
      if (header.nlmsg_type == NLMSG_DONE) return true;
      if (header.nlmsg_type == NLMSG_ERROR) return false;
      if (header.nlmsg_len >= NLMSG_LENGTH(sizeof(inet_diag_msg))) {
        inet_diag_msg socket;
        std::memcpy(&socket, buffer.data() + at + NLMSG_HDRLEN, sizeof socket);
        add(socket, counts);
      }
      at += NLMSG_ALIGN(header.nlmsg_len);
    }
  }
}

}  // namespace elblab::live
