#include "live/packet_io/xdp_port.hpp"

#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cstring>

#include "live/network/network_device.hpp"

namespace elblab::live {
namespace {

constexpr std::uint64_t kFrameBytes = 2048;
constexpr std::uint64_t kReceiveFrames = 768;
constexpr std::uint64_t kSendFrames = 256;
constexpr std::size_t kMemoryBytes = (kReceiveFrames + kSendFrames) * kFrameBytes;
constexpr std::uint32_t kReceiveRing = 1024;  // a power of two that all receive frames fit into
constexpr std::uint32_t kSendRing = 256;
constexpr std::size_t kFrameHeaderBytes = sizeof(ether_header);
constexpr int kLongestStandstill = 16;  // calls in a row that take nothing

bool set_xdp_option(int socket, int name, const void* value, socklen_t size) {
  return setsockopt(socket, SOL_XDP, name, value, size) == 0;
}

bool frame_holds_ip(const std::uint8_t* frame) {
  ether_header header{};
  std::memcpy(&header, frame, sizeof header);
  return header.ether_type == htons(ETHERTYPE_IP) || header.ether_type == htons(ETHERTYPE_IPV6);
}

}  // namespace

XdpPort::~XdpPort() {
  if (memory_ == nullptr) return;
  socket_.reset();
  munmap(memory_, kMemoryBytes);
}

Expected<void> XdpPort::open(const std::string& device, const HardwareAddress& peer_hardware) {
  const std::string tried = "opening an AF_XDP socket on " + device;
  const auto own = get_hardware_address(device);
  if (!own) return own.error();
  const auto mtu = get_mtu(device);
  if (!mtu) return mtu.error();
  mtu_ = *mtu;
  std::memcpy(header_, peer_hardware.data(), 6);
  std::memcpy(header_ + 6, own->data(), 6);
  socket_ = FileDescriptor(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket_.open() || !register_memory() || !map_rings()) return refused(tried);
  for (std::uint64_t frame = 0; frame < kReceiveFrames; ++frame) fill_.put(frame * kFrameBytes);
  fill_.publish();
  for (std::uint64_t frame = 0; frame < kSendFrames; ++frame) {
    free_.push_back((kReceiveFrames + frame) * kFrameBytes);
  }
  if (!bind_to(device)) return refused(tried);
  return redirect_.attach(device, socket_.get());
}

bool XdpPort::register_memory() {
  void* memory =
      mmap(nullptr, kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  memory_ = static_cast<std::uint8_t*>(memory);
  xdp_umem_reg wanted{};
  wanted.addr = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(memory_));
  wanted.len = kMemoryBytes;
  wanted.chunk_size = kFrameBytes;
  return set_xdp_option(socket_.get(), XDP_UMEM_REG, &wanted, sizeof wanted);
}

bool XdpPort::map_rings() {
  const int socket = socket_.get();
  for (const auto& [name, size] :
       {std::pair(XDP_UMEM_FILL_RING, kReceiveRing), std::pair(XDP_RX_RING, kReceiveRing),
        std::pair(XDP_UMEM_COMPLETION_RING, kSendRing), std::pair(XDP_TX_RING, kSendRing)}) {
    if (!set_xdp_option(socket, name, &size, sizeof size)) return false;
  }
  xdp_mmap_offsets offsets{};
  socklen_t size = sizeof offsets;
  if (getsockopt(socket, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &size) != 0) return false;
  return fill_.map(socket, offsets.fr, kReceiveRing, XDP_UMEM_PGOFF_FILL_RING) &&
         completion_.map(socket, offsets.cr, kSendRing, XDP_UMEM_PGOFF_COMPLETION_RING) &&
         receive_.map(socket, offsets.rx, kReceiveRing, XDP_PGOFF_RX_RING) &&
         send_.map(socket, offsets.tx, kSendRing, XDP_PGOFF_TX_RING);
}

bool XdpPort::bind_to(const std::string& device) {
  sockaddr_xdp here{};
  here.sxdp_family = AF_XDP;
  here.sxdp_flags = XDP_COPY;
  here.sxdp_ifindex = if_nametoindex(device.c_str());
  return bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) == 0;
}

std::span<const std::span<std::uint8_t>> XdpPort::receive(std::size_t most) {
  give_back();
  const std::uint32_t waiting = receive_.waiting();
  for (std::uint32_t i = 0; i < waiting && batch_.size() < most; ++i) consider(receive_.take());
  receive_.release();
  counters_.received += batch_.size();
  return batch_;
}

void XdpPort::consider(const xdp_desc& description) {
  taken_.push_back(description.addr);
  std::uint8_t* frame = memory_ + description.addr;
  if (description.len <= kFrameHeaderBytes || !frame_holds_ip(frame)) return;
  batch_.emplace_back(frame + kFrameHeaderBytes, description.len - kFrameHeaderBytes);
}

void XdpPort::give_back() {
  // The ring has room for every receive frame there is.
  for (const std::uint64_t address : taken_) fill_.put(address & ~(kFrameBytes - 1));
  fill_.publish();
  taken_.clear();
  batch_.clear();
}

void XdpPort::send(std::span<const std::uint8_t> packet) {
  if (packet.empty() || packet.size() > mtu_) {
    ++counters_.dropped_by_device;
    return;
  }
  if (free_.empty()) flush();
  if (free_.empty() || send_.room() == 0) {
    ++counters_.dropped_by_device;
    return;
  }
  const std::uint64_t address = free_.back();
  free_.pop_back();
  std::uint8_t* frame = memory_ + address;
  const std::uint16_t type = htons(packet[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
  std::memcpy(frame, header_, sizeof header_);
  std::memcpy(frame + offsetof(ether_header, ether_type), &type, sizeof type);
  std::memcpy(frame + kFrameHeaderBytes, packet.data(), packet.size());
  send_.put({.addr = address,
             .len = static_cast<std::uint32_t>(kFrameHeaderBytes + packet.size()),
             .options = 0});
  ++counters_.sent;
}

// The kernel takes 32 packets a call and stops at one that the device refuses. What it leaves even
// so waits for the next flush.
void XdpPort::flush() {
  send_.publish();
  std::uint32_t before = send_.untaken();
  for (int standstill = 0; before > 0 && standstill < kLongestStandstill;) {
    const bool refused_one =
        sendto(socket_.get(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 && errno == EBUSY;
    if (refused_one) {
      --counters_.sent;
      ++counters_.dropped_by_device;
    }
    const std::uint32_t after = send_.untaken();
    standstill = after == before ? standstill + 1 : 0;
    before = after;
  }
  reclaim_sent();
}

void XdpPort::reclaim_sent() {
  for (std::uint32_t left = completion_.waiting(); left > 0; --left) {
    free_.push_back(completion_.take());
  }
  completion_.release();
}

const PacketIoCounters& XdpPort::counters() {
  xdp_statistics statistics{};
  socklen_t size = sizeof statistics;
  if (getsockopt(socket_.get(), SOL_XDP, XDP_STATISTICS, &statistics, &size) == 0) {
    counters_.dropped_by_ring = statistics.rx_dropped + statistics.rx_ring_full;
  }
  return counters_;
}

}  // namespace elblab::live
