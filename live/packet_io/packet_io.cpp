#include "live/packet_io/packet_io.hpp"

#include "live/packet_io/packet_ring.hpp"
#include "live/packet_io/xdp_port.hpp"

namespace elblab::live {
namespace {

template <typename Io>
Expected<std::unique_ptr<PacketIo>> open_as(const std::string& device,
                                            const HardwareAddress& hardware) {
  auto io = std::make_unique<Io>();
  if (auto done = io->open(device, hardware); !done) return done.error();
  return io;
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

Expected<std::unique_ptr<PacketIo>> open_packet_io(PacketIoKind kind, const std::string& device,
                                                   const HardwareAddress& peer_hardware) {
  if (kind == PacketIoKind::packet_ring) return open_as<PacketRing>(device, peer_hardware);
  auto io = open_as<XdpPort>(device, peer_hardware);
  if (!io) return Error{io.error().message + "; the packet ring does without AF_XDP"};
  return io;
}

}  // namespace elblab::live
