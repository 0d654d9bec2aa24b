// UDP towards closed and open ports, and what a connected UDP socket hears.
#include <array>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
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

// An ICMP error quotes as much as fits into 576 bytes (RFC 1812 4.3.2.3), and names the flow.
void quotes_the_datagram(Scene& scene) {
  std::array<std::uint8_t, 1100> packet{};
  const std::vector<std::uint8_t> payload(1000, 'x');
  const std::size_t size =
      net::build_udp(packet, {.source = kPeerAddress, .destination = kHostAddress}, 40000,
                     kClosedUdpPort, payload);
  scene.begin();
  scene.observe([&](const net::PacketView& error, Duration) {
    const auto quoted = net::quoted_flow(error);
    scene.write(std::to_string(error.bytes().size()) + " bytes, quoting " +
                (quoted ? quoted->source.to_string() + " to " + quoted->destination.to_string()
                        : std::string("nothing")));
  });
  scene.inject({packet.data(), size});
  scene.wait(milliseconds(200));
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
      {.row = "36d",
       .name = "a port unreachable quotes the datagram up to 576 bytes",
       .play = quotes_the_datagram,
       .expected = R"(
0.00 576 bytes, quoting 10.9.0.2:40000 to 10.9.0.1:9
0.00 > icmp 3/3
)"},
  };
}

}  // namespace elblab::golden
