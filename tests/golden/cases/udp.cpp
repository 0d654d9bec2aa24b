// UDP towards closed and open ports, and what a connected UDP socket hears.
#include "models/net/icmp.hpp"
#include "tests/golden/cases/datagrams.hpp"
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kOpenUdpPort = 5353;

void without_checksum(Scene& scene) {
  scene.begin();
  inject_datagram(scene, kPeerAddress, false);
  scene.wait(milliseconds(200));
}

void open_port(Scene& scene) {
  const SocketHandle socket = scene.host().open_udp(kOpenUdpPort);
  scene.begin();
  inject_datagram(scene, kPeerAddress, true, kOpenUdpPort);
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
}

void connected_hears_unreachable(Scene& scene) {
  std::vector<std::uint8_t> sent;
  scene.observe([&](const net::PacketView& packet, Duration) {
    if (packet.protocol() == net::Protocol::udp) {
      sent.assign(packet.bytes().begin(), packet.bytes().end());
    }
  });
  const SocketHandle socket = scene.host().open_udp(kOpenUdpPort, peer_endpoint(53));
  scene.begin();
  scene.host().send(socket, to_bytes("query"));
  scene.wait_for([&] { return !sent.empty(); }, milliseconds(1000));
  inject_unreachable(scene, net::kIcmpPortUnreachable, sent);
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
}

}  // namespace

std::vector<GoldenCase> udp_cases() {
  return {
      {.row = "36",
       .name = "a datagram without checksum to a closed port is answered",
       .play = without_checksum,
       .expected = R"(
0.00 > icmp 3/3
)"},
      {.row = "36b",
       .name = "a datagram to an open port is delivered",
       .play = open_port,
       .expected = R"(
0.20 socket: connected, 4 bytes
)"},
      {.row = "36c",
       .name = "a connected UDP socket hears a port unreachable",
       .play = connected_hears_unreachable,
       .expected = R"(
0.00 > udp len 5
0.20 socket: ECONNREFUSED
)"},
  };
}

}  // namespace elblab::golden
