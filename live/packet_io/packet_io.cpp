#include "live/packet_io/packet_io.hpp"

#include "live/packet_io/packet_ring.hpp"
#include "live/packet_io/xdp_port.hpp"

namespace elblab::live {
namespace {

template <typename Io>
std::optional<std::string> open_as(const std::string& device, const HardwareAddress& hardware,
                                   std::unique_ptr<PacketIo>& io) {
  auto made = std::make_unique<Io>();
  if (auto failure = made->open(device, hardware)) return failure;
  io = std::move(made);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(PacketIoKind kind) {
  switch (kind) {
    case PacketIoKind::packet_ring:
      return "packet ring";
    case PacketIoKind::af_xdp:
      return "AF_XDP";
  }
  return "unknown";
}

std::optional<std::string> open_packet_io(PacketIoKind kind, const std::string& device,
                                          const HardwareAddress& peer_hardware,
                                          std::unique_ptr<PacketIo>& io) {
  switch (kind) {
    case PacketIoKind::packet_ring:
      return open_as<PacketRing>(device, peer_hardware, io);
    case PacketIoKind::af_xdp:
      if (auto failure = open_as<XdpPort>(device, peer_hardware, io)) {
        return *failure + "; the packet ring does without AF_XDP";
      }
      return std::nullopt;
  }
  return "no such way to take packets";
}

}  // namespace elblab::live
