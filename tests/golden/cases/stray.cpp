// Segments that nobody waits for, and errors about segments the host sent. Beyond the first table:
// measured with the cases themselves.
#include <array>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "tests/golden/cases/datagrams.hpp"
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

constexpr std::uint8_t kHostUnreachable = 1;  // RFC 792, type 3

void to_listener(Scene& scene, std::uint8_t flags) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send_at(flags, 1, 5555);
  scene.wait(milliseconds(300));
}

void ack_to_listener(Scene& scene) { to_listener(scene, ack); }
void fin_to_listener(Scene& scene) { to_listener(scene, fin); }
void syn_fin_to_listener(Scene& scene) { to_listener(scene, syn | fin); }
void reset_to_listener(Scene& scene) { to_listener(scene, rst); }

void reset_to_closed_port(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.begin();
  peer.send_at(rst | ack, 1, 5555);
  scene.wait(milliseconds(300));
}

// A SYN that would be answered, but for one bit.
void spoiled_syn(Scene& scene, std::size_t spoiled_byte) {
  scene.host().listen(kServicePort, 128);
  std::array<std::uint8_t, 64> packet{};
  net::TcpFields tcp;
  tcp.source_port = kPeerPort;
  tcp.destination_port = kServicePort;
  tcp.sequence = 1'000'000;
  tcp.flags = syn;
  tcp.window = 64240;
  const std::size_t size =
      net::build_tcp(packet, {.source = kPeerAddress, .destination = kHostAddress}, tcp, {});
  packet[spoiled_byte] ^= 0x01;
  scene.begin();
  scene.inject({packet.data(), size});
  scene.wait(milliseconds(300));
  scene.write("SYN_RECV " + std::to_string(scene.host().gauges().syn_received));
}

constexpr std::size_t kIpChecksumByte = 10;
constexpr std::size_t kTcpChecksumByte = 20 + 16;

void bad_tcp_checksum(Scene& scene) { spoiled_syn(scene, kTcpChecksumByte); }
void bad_ip_checksum(Scene& scene) { spoiled_syn(scene, kIpChecksumByte); }

void not_for_us(Scene& scene) {
  scene.host().listen(kServicePort, 128);
  scene.begin();
  std::array<std::uint8_t, 64> packet{};
  net::TcpFields tcp;
  tcp.source_port = kPeerPort;
  tcp.destination_port = kServicePort;
  tcp.flags = syn;
  const std::size_t size = net::build_tcp(
      packet, {.source = kPeerAddress, .destination = kHostAddress.plus(100)}, tcp, {});
  scene.inject({packet.data(), size});
  scene.wait(milliseconds(300));
  scene.write("SYN_RECV " + std::to_string(scene.host().gauges().syn_received));
}

void late_syn_ack(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  scene.host().close(outcome.socket);
  peer.send(syn | ack);
  scene.wait(milliseconds(1300));
}

void unreachable_in_syn_sent(Scene& scene, std::uint8_t code) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  std::vector<std::uint8_t> sent;
  scene.observe([&](const net::PacketView& packet, Duration) {
    sent.assign(packet.bytes().begin(), packet.bytes().end());
  });
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  inject_unreachable(scene, code, sent);
  scene.wait_for([&] { return scene.host().state(outcome.socket).phase == SocketPhase::failed; },
                 milliseconds(500));
  scene.write_socket(outcome.socket);
  scene.wait_until(milliseconds(1300));
}

void port_unreachable_in_syn_sent(Scene& scene) {
  unreachable_in_syn_sent(scene, net::kIcmpPortUnreachable);
}
void host_unreachable_in_syn_sent(Scene& scene) {
  unreachable_in_syn_sent(scene, kHostUnreachable);
}

void unreachable_in_established(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  std::vector<std::uint8_t> sent;
  scene.observe([&](const net::PacketView& packet, Duration) {
    sent.assign(packet.bytes().begin(), packet.bytes().end());
  });
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().send(socket, to_bytes("data"));
  peer.wait_for(psh);
  inject_unreachable(scene, net::kIcmpPortUnreachable, sent);
  scene.wait_until(milliseconds(100));
  peer.send(ack);
  scene.wait_until(milliseconds(400));
  scene.write_socket(socket);
}

}  // namespace

std::vector<GoldenCase> stray_cases() {
  return {
      {.row = "54",
       .name = "an ACK to a listening port is reset",
       .play = ack_to_listener,
       .expected = R"(
0.00 < . seq 1 ack 5555
0.00 > R seq 5555 win 0
)"},
      {.row = "54b",
       .name = "a bare FIN to a listening port is ignored",
       .play = fin_to_listener,
       .expected = "0.00 < F seq 1"},
      {.row = "54c",
       .name = "a SYN with FIN to a listening port is ignored",
       .play = syn_fin_to_listener,
       .expected = "0.00 < SF seq 1 mss 1460"},
      {.row = "54d",
       .name = "a RST to a listening port is ignored",
       .play = reset_to_listener,
       .expected = "0.00 < R seq 1 win 64240"},
      {.row = "54e",
       .name = "a RST to a closed port is ignored",
       .play = reset_to_closed_port,
       .expected = "0.00 < R. seq 1 ack 5555 win 64240"},
      {.row = "54f",
       .name = "a wrong TCP checksum is dropped",
       .play = bad_tcp_checksum,
       .expected = "0.30 SYN_RECV 0"},
      {.row = "54g",
       .name = "a wrong IP checksum is dropped",
       .play = bad_ip_checksum,
       .expected = "0.30 SYN_RECV 0"},
      {.row = "54h",
       .name = "a packet for another address is dropped",
       .play = not_for_us,
       .expected = "0.30 SYN_RECV 0"},
      {.row = "55",
       .name = "a SYN+ACK after close() is reset",
       .play = late_syn_ack,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 < S. seq 0 ack 1 mss 1460
0.00 > R seq 1 win 0
)"},
      {.row = "55b",
       .name = "a port unreachable refuses a connection",
       .play = port_unreachable_in_syn_sent,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 socket: ECONNREFUSED
)"},
      {.row = "55c",
       .name = "a host unreachable ends a connection attempt",
       .play = host_unreachable_in_syn_sent,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 socket: EHOSTUNREACH
)"},
      {.row = "55d",
       .name = "a port unreachable does not end an established connection",
       .play = unreachable_in_established,
       .expected = R"(
0.00 > . seq 1 ack 1 len 4
0.10 < . seq 1 ack 5
0.40 socket: connected
)"},
  };
}

}  // namespace elblab::golden
