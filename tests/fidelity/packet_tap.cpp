#include "tests/fidelity/packet_tap.hpp"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace elblab::fidelity {
namespace {

constexpr int kReceiveBuffer = 16 * 1024 * 1024;
constexpr std::size_t kLargestPacket = 65536;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set_option(int socket, int level, int name, int value) {
  if (setsockopt(socket, level, name, &value, sizeof value) != 0) fail("setsockopt on the tap");
}

// Only the machine's own root may go beyond net.core.rmem_max; what a case sends is paced, so the
// smaller buffer does too.
void enlarge_buffer(int socket) {
  const int size = kReceiveBuffer;
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    set_option(socket, SOL_SOCKET, SO_RCVBUF, size);
  }
}

Duration age_of(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return Duration((now.tv_sec - stamp.tv_sec) * 1'000'000'000LL + now.tv_nsec - stamp.tv_nsec);
  }
  return {};
}

}  // namespace

PacketTap::PacketTap(VethLink& link) {
  link.enter_peer();
  socket_ = FileDescriptor(
      socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETHERTYPE_IP)));
  if (!socket_.open()) fail("AF_PACKET socket");
  device_index_ = static_cast<int>(if_nametoindex(VethLink::kPeerDevice));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETHERTYPE_IP);
  address.sll_ifindex = device_index_;
  if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("bind on the tap");
  }
  set_option(socket_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  enlarge_buffer(socket_.get());
  set_option(socket_.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  std::copy_n(link.host_hardware_address(), 6, host_hardware_);
  link.enter_host();
}

void PacketTap::send(std::span<const std::uint8_t> packet) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETHERTYPE_IP);
  address.sll_ifindex = device_index_;
  address.sll_halen = 6;
  std::copy_n(host_hardware_, 6, address.sll_addr);
  if (sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&address),
             sizeof address) < 0) {
    fail("sending on the tap");
  }
}

std::optional<PacketTap::Received> PacketTap::receive(Duration limit) {
  if (auto received = read_now()) return received;
  if (limit <= Duration::zero()) return std::nullopt;
  pollfd poll_entry{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  const timespec timeout{.tv_sec = limit.count() / 1'000'000'000,
                         .tv_nsec = limit.count() % 1'000'000'000};
  if (ppoll(&poll_entry, 1, &timeout, nullptr) < 0 && errno != EINTR) fail("ppoll");
  return read_now();
}

std::optional<PacketTap::Received> PacketTap::read_now() {
  Received received;
  received.packet.resize(kLargestPacket);
  iovec part{.iov_base = received.packet.data(), .iov_len = received.packet.size()};
  alignas(cmsghdr) std::array<char, 128> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket_.get(), &message, 0);
  if (size < 0) return std::nullopt;
  received.packet.resize(static_cast<std::size_t>(size));
  received.age = std::max(age_of(message), Duration::zero());
  return received;
}

}  // namespace elblab::fidelity
