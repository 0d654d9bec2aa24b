#include "live/packet_io/send_batch.hpp"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>

#include "live/network/network_device.hpp"

namespace elblab::live {
namespace {

constexpr std::size_t kHeaderBytes = sizeof(ether_header);
// Packets count against it until the receiving socket has taken them.
constexpr int kSendBufferBytes = 4 * 1024 * 1024;

bool prepare(int socket) {
  const int yes = 1;
  // Beyond net.core.wmem_max with CAP_NET_ADMIN; without, as much as there is.
  if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBufferBytes, sizeof(int)) != 0) {
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(int));
  }
  return setsockopt(socket, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) == 0;
}

std::uint16_t ethertype_of(std::uint8_t first_byte) {
  return htons(first_byte >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
}

}  // namespace

Expected<void> SendBatch::open(const std::string& device, const HardwareAddress& peer_hardware) {
  const std::string tried = "opening a packet socket on " + device;
  // Protocol 0: it receives nothing.
  socket_ = FileDescriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.open() || !prepare(socket_.get())) return refused(tried);
  sockaddr_ll here{};
  here.sll_family = AF_PACKET;
  here.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
  if (here.sll_ifindex == 0 ||
      bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) {
    return refused(tried);
  }
  const auto own = get_hardware_address(device);
  if (!own) return own.error();
  memory_.resize(kSlots * kSlotBytes);
  for (std::size_t i = 0; i < kSlots; ++i) {
    ether_header header{};
    std::memcpy(header.ether_dhost, peer_hardware.data(), 6);
    std::memcpy(header.ether_shost, own->data(), 6);
    std::memcpy(slot(i), &header, sizeof header);
    parts_[i].iov_base = slot(i);
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
  return {};
}

void SendBatch::add(std::span<const std::uint8_t> packet) {
  if (packet.empty() || packet.size() > kSlotBytes - kHeaderBytes) {
    ++refused_;
    return;
  }
  if (waiting_ == kSlots) send();
  std::uint8_t* frame = slot(waiting_);
  const std::uint16_t ethertype = ethertype_of(packet.front());
  std::memcpy(frame + offsetof(ether_header, ether_type), &ethertype, sizeof ethertype);
  std::memcpy(frame + kHeaderBytes, packet.data(), packet.size());
  parts_[waiting_].iov_len = kHeaderBytes + packet.size();
  ++waiting_;
}

void SendBatch::send() {
  std::size_t done = 0;
  while (done < waiting_) {
    const int taken = sendmmsg(socket_.get(), messages_.data() + done,
                               static_cast<unsigned>(waiting_ - done), MSG_DONTWAIT);
    if (taken > 0) {
      done += static_cast<std::size_t>(taken);
      sent_ += static_cast<std::uint64_t>(taken);
      continue;
    }
    if (errno == EINTR) continue;
    // The reason is the first packet's (too large for the device, its queue full): the next one
    // may pass.
    ++refused_;
    ++done;
  }
  waiting_ = 0;
}

}  // namespace elblab::live
