// What an ESTABLISHED connection makes of SYNs, resets and a half-close (RFC 5961).
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

constexpr std::uint32_t kFarOutside = 10'000'000;

// The peer sends four bytes in sequence; they must reach the application.
void check_alive(Scene& scene, TcpPeer& peer, SocketHandle socket) {
  peer.send(psh | ack, "data");
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
}

void syn_on_established(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(syn, 123456, 0);
  scene.wait_until(milliseconds(200));
  peer.send_at(syn, 123456, 0);
  scene.wait_until(milliseconds(1000));
  peer.send_at(syn, 123456, 0);
  scene.wait_until(milliseconds(1200));
  check_alive(scene, peer, socket);
}

void syn_in_close_wait(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  establish(scene, peer);
  peer.send(fin | ack);
  peer.wait_for(ack);
  scene.begin();
  peer.send_at(syn, 123456, 0);
  scene.wait(milliseconds(300));
}

void syn_in_fin_wait_2(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.host().shutdown(socket);
  peer.wait_for(fin);
  peer.send(ack);
  scene.begin();
  peer.send_at(syn, 123456, 0);
  scene.wait(milliseconds(300));
}

// tcp_fin_timeout bounds FIN_WAIT_2 of a closed socket; afterwards nobody knows the connection.
void fin_wait_2_timeout(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_fin_timeout", 2);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().close(socket);
  peer.wait_for(fin);
  peer.send(ack);
  scene.wait_until(milliseconds(3000));
  peer.send(fin | ack);
  scene.wait(milliseconds(300));
}

void unacknowledged_data(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().send(socket, to_bytes("data"));
  scene.wait_until(milliseconds(4000));
}

void reset_outside_window(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(rst, kFarOutside, 0);
  scene.wait(milliseconds(200));
  check_alive(scene, peer, socket);
}

void reset_inside_window(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(rst, 101, 0);
  scene.wait(milliseconds(200));
  check_alive(scene, peer, socket);
}

void exact_reset(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(rst, 1, 0);
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
  peer.send(psh | ack, "late");
  scene.wait(milliseconds(200));
}

void exact_reset_with_ack(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send(rst | ack);
  scene.wait(milliseconds(500));
  scene.write_socket(socket);
}

void half_close(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send(fin | ack);
  peer.wait_for(ack);
  scene.wait(milliseconds(50));
  scene.write_socket(socket);
  scene.host().send(socket, to_bytes("answer"));
  peer.wait_for(psh);
  peer.send(ack);
  scene.host().close(socket);
  peer.wait_for(fin);
  peer.send(ack);
  scene.wait(milliseconds(300));
}

void close_with_unread_data(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const ListenerHandle listener = scene.host().listen(kServicePort, 128);
  peer.open_connection();
  scene.wait(milliseconds(50));
  const auto socket = scene.host().accept(listener);
  scene.begin();
  scene.host().close(socket.value());
  peer.wait_for(fin);
  peer.send(psh | ack, "late");
  scene.wait(milliseconds(300));
}

void abort_resets(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().abort(socket);
  scene.wait(milliseconds(300));
}

}  // namespace

std::vector<GoldenCase> established_cases() {
  return {
      {.row = "7",
       .name = "a SYN on an established connection draws a challenge ACK, rate-limited",
       .play = syn_on_established,
       .expected = R"(
0.00 < S seq 123456 mss 1460
0.00 > . seq 1 ack 1
0.20 < S seq 123456 mss 1460
1.00 < S seq 123456 mss 1460
1.00 > . seq 1 ack 1
1.20 < . seq 1 ack 1 len 4
1.20 > . seq 1 ack 5
1.40 socket: connected, 4 bytes
)"},
      {.row = "7b",
       .name = "a SYN in CLOSE_WAIT draws a challenge ACK",
       .play = syn_in_close_wait,
       .expected = R"(
0.00 < S seq 123456 mss 1460
0.00 > . seq 1 ack 2
)"},
      {.row = "7c",
       .name = "a SYN in FIN_WAIT_2 draws a challenge ACK",
       .play = syn_in_fin_wait_2,
       .expected = R"(
0.00 < S seq 123456 mss 1460
0.00 > . seq 2 ack 1
)"},
      {.row = "8",
       .name = "a RST outside the window is ignored",
       .play = reset_outside_window,
       .expected = R"(
0.00 < R seq 10000000 win 64240
0.20 < . seq 1 ack 1 len 4
0.20 > . seq 1 ack 5
0.40 socket: connected, 4 bytes
)"},
      {.row = "9",
       .name = "a RST inside the window but not exact draws a challenge ACK",
       .play = reset_inside_window,
       .expected = R"(
0.00 < R seq 101 win 64240
0.00 > . seq 1 ack 1
0.20 < . seq 1 ack 1 len 4
0.20 > . seq 1 ack 5
0.40 socket: connected, 4 bytes
)"},
      {.row = "10",
       .name = "an exact RST ends the connection, later data is reset",
       .play = exact_reset,
       .expected = R"(
0.00 < R seq 1 win 64240
0.20 socket: ECONNRESET
0.20 < . seq 1 ack 1 len 4
0.20 > R seq 1 win 0
)"},
      {.row = "11",
       .name = "an exact RST+ACK ends the connection silently",
       .play = exact_reset_with_ack,
       .expected = R"(
0.00 < R. seq 1 ack 1 win 64240
0.50 socket: ECONNRESET
)"},
      {.row = "26",
       .name = "data flows on after the peer's FIN",
       .play = half_close,
       .expected = R"(
0.00 < F. seq 1 ack 1
0.00 > . seq 1 ack 2
0.05 socket: connected, end of file
0.05 > . seq 1 ack 2 len 6
0.05 < . seq 2 ack 7
0.05 > F. seq 7 ack 2
0.05 < . seq 2 ack 8
)"},
      {.row = "26b",
       .name = "data after close() is reset",
       .play = close_with_unread_data,
       .expected = R"(
0.00 > F. seq 1 ack 1
0.00 < . seq 1 ack 2 len 4
0.00 > R seq 2 win 0
)"},
      {.row = "26c",
       .name = "an abortive close sends RST at once",
       .play = abort_resets,
       .expected = R"(
0.00 > R. seq 1 ack 1 win 64240
)"},
      {.row = "26d",
       .name = "a closed socket leaves FIN_WAIT_2 after tcp_fin_timeout",
       .play = fin_wait_2_timeout,
       .expected = R"(
0.00 > F. seq 1 ack 1
0.00 < . seq 1 ack 2
3.00 < F. seq 1 ack 2
3.00 > R seq 2 win 0
)"},
      {.row = "26e",
       .name = "data without an answer is sent again after 200 ms, then doubling",
       .play = unacknowledged_data,
       .expected = R"(
0.00 > . seq 1 ack 1 len 4
0.20 > . seq 1 ack 1 len 4
0.60 > . seq 1 ack 1 len 4
1.40 > . seq 1 ack 1 len 4
3.00 > . seq 1 ack 1 len 4
)",
       .tolerance = {.base = milliseconds(80), .late_fraction = 0.07}},
  };
}

}  // namespace elblab::golden
