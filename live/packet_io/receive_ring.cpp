#include "live/packet_io/receive_ring.hpp"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace elblab::live {
namespace {

// Few large allocations: a block is a contiguous piece of the kernel's memory.
constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::size_t kRingBytes = ReceiveRing::kSlots * ReceiveRing::kSlotBytes;
static_assert(kRingBytes % kBlockBytes == 0);

bool set_packet_option(int socket, int name, const void* value, socklen_t size) {
  return setsockopt(socket, SOL_PACKET, name, value, size) == 0;
}

bool set_packet_option(int socket, int name, int value) {
  return set_packet_option(socket, name, &value, sizeof value);
}

bool make_ring(int socket) {
  const tpacket_req wanted{.tp_block_size = kBlockBytes,
                           .tp_block_nr = kRingBytes / kBlockBytes,
                           .tp_frame_size = ReceiveRing::kSlotBytes,
                           .tp_frame_nr = ReceiveRing::kSlots};
  return set_packet_option(socket, PACKET_VERSION, TPACKET_V2) &&
         set_packet_option(socket, PACKET_IGNORE_OUTGOING, 1) &&
         set_packet_option(socket, PACKET_RX_RING, &wanted, sizeof wanted);
}

// Packets are then stamped as they leave the other end of a veth link, before they wait for the
// kernel's thread that brings them here (net.core.netdev_tstamp_prequeue); else on arrival here.
bool stamp_early(int socket) {
  const int on = 1;
  return setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

tpacket2_hdr* header_of(std::uint8_t* slot) { return reinterpret_cast<tpacket2_hdr*>(slot); }

bool slot_holds_ip(const std::uint8_t* slot) {
  sockaddr_ll from{};
  std::memcpy(&from, slot + TPACKET_ALIGN(sizeof(tpacket2_hdr)), sizeof from);
  return from.sll_protocol == htons(ETHERTYPE_IP) || from.sll_protocol == htons(ETHERTYPE_IPV6);
}

}  // namespace

ReceiveRing::~ReceiveRing() {
  if (memory_ != nullptr) munmap(memory_, kRingBytes);
}

Expected<void> ReceiveRing::open(const std::string& device) {
  const std::string tried = "opening a packet ring on " + device;
  // Protocol 0: nothing comes in before the ring stands and the socket is bound.
  socket_ = FileDescriptor(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.open() || !make_ring(socket_.get()) || !stamp_early(socket_.get())) {
    return refused(tried);
  }
  void* memory = mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket_.get(), 0);
  if (memory == MAP_FAILED) return refused(tried);
  memory_ = static_cast<std::uint8_t*>(memory);
  sockaddr_ll here{};
  here.sll_family = AF_PACKET;
  here.sll_protocol = htons(ETH_P_ALL);
  here.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
  if (here.sll_ifindex == 0 ||
      bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) {
    return refused(tried);
  }
  batch_.reserve(kSlots);
  stamps_ns_.reserve(kSlots);
  return {};
}

std::span<const std::span<std::uint8_t>> ReceiveRing::take(std::size_t most) {
  give_back();
  while (batch_.size() < most && next_ - first_taken_ < kSlots) {
    std::uint8_t* here = slot(next_ % kSlots);
    const std::atomic_ref<std::uint32_t> status(header_of(here)->tp_status);
    if ((status.load(std::memory_order_acquire) & TP_STATUS_USER) == 0) break;
    consider(here);
    ++next_;
  }
  return batch_;
}

void ReceiveRing::consider(std::uint8_t* slot) {
  const tpacket2_hdr& header = *header_of(slot);
  if (!slot_holds_ip(slot)) return;
  if (header.tp_snaplen < header.tp_len) {
    ++cut_short_;
    return;
  }
  batch_.emplace_back(slot + header.tp_net, header.tp_snaplen);
  stamps_ns_.push_back(std::int64_t{header.tp_sec} * 1'000'000'000 + header.tp_nsec);
}

Duration ReceiveRing::age(std::size_t index) const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const Duration age(now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec - stamps_ns_[index]);
  return std::max(age, Duration::zero());  // that clock may be set back
}

void ReceiveRing::give_back() {
  for (; first_taken_ != next_; ++first_taken_) {
    const std::atomic_ref<std::uint32_t> status(header_of(slot(first_taken_ % kSlots))->tp_status);
    status.store(TP_STATUS_KERNEL, std::memory_order_release);
  }
  batch_.clear();
  stamps_ns_.clear();
}

std::uint64_t ReceiveRing::take_lost() {
  tpacket_stats statistics{};
  socklen_t size = sizeof statistics;
  if (getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) != 0) return 0;
  return statistics.tp_drops;
}

}  // namespace elblab::live
