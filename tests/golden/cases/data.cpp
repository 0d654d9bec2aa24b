// Data in flight: the initial window, loss, disorder and a closed window. The first table ended at
// row 42; these rows were measured with the cases themselves.
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

constexpr std::size_t kSegmentBytes = 1460;

std::vector<std::uint8_t> segments(std::size_t count) {
  return std::vector<std::uint8_t>(count * kSegmentBytes, 'x');
}

// Counts the host's data segments and bytes.
struct DataCounter {
  explicit DataCounter(Scene& scene) {
    scene.observe([this](const net::PacketView& packet, Duration) {
      if (packet.payload().empty()) return;
      ++sent;
      bytes += packet.payload().size();
    });
  }
  std::string text() const {
    return std::to_string(sent) + " segments, " + std::to_string(bytes) + " bytes";
  }

  std::size_t sent = 0;
  std::size_t bytes = 0;
};

void initial_window(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.hide_packets();
  DataCounter counter(scene);
  scene.host().send(socket, segments(40));
  scene.wait_until(milliseconds(100));
  scene.write("at first " + counter.text());
  peer.send(ack);
  scene.wait_until(milliseconds(200));
  scene.write("after an ACK of all " + counter.text());
}

void fast_retransmit(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.host().send(socket, segments(6));
  scene.wait_for([&] { return peer.expected_sequence() == 6 * kSegmentBytes + 1; },
                 milliseconds(100));
  scene.begin();
  for (int i = 0; i < 3; ++i) peer.send_at(ack, 1, 1);
  scene.wait_until(milliseconds(100));
  peer.send(ack);
  scene.wait_until(milliseconds(500));
}

void disorder(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  net::TcpOptions offered;
  offered.mss = 1460;
  offered.sack_permitted = true;
  peer.set_syn_options(offered);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(psh | ack, 5, 1, "late");
  scene.wait_until(milliseconds(100));
  peer.send_at(psh | ack, 1, 1, "lost");
  scene.wait_until(milliseconds(200));
  peer.send_at(psh | ack, 1, 1, "lost");
  scene.wait_until(milliseconds(300));
  scene.write_socket(socket);
}

void zero_window(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  peer.set_window(0);
  peer.send(ack);
  scene.wait(milliseconds(20));
  scene.begin();
  scene.host().send(socket, to_bytes("data"));
  scene.wait_until(milliseconds(2000));
  peer.set_window(64240);
  peer.send(ack);
  scene.wait_until(milliseconds(2150));
}

// A window smaller than what is queued: the host fills it and waits.
void small_window(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_window(2 * kSegmentBytes);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.hide_packets();
  DataCounter counter(scene);
  scene.host().send(socket, segments(4));
  scene.wait_until(milliseconds(100));
  scene.write("at first " + counter.text());
  peer.send(ack);
  scene.wait_until(milliseconds(200));
  scene.write("after an ACK " + counter.text());
}

}  // namespace

std::vector<GoldenCase> data_cases() {
  return {
      {.row = "50",
       .name = "ten segments leave at first, twenty after their ACK",
       .play = initial_window,
       .expected = R"(
0.10 at first 10 segments, 14600 bytes
0.20 after an ACK of all 30 segments, 43800 bytes
)"},
      {.row = "51",
       .name = "three duplicate ACKs bring the lost segment at once",
       .play = fast_retransmit,
       .expected = R"(
0.00 < . seq 1 ack 1
0.00 < . seq 1 ack 1
0.00 < . seq 1 ack 1
0.00 > . seq 1 ack 1 len 1460
0.10 < . seq 1 ack 8761
)",
       .tolerance = {.base = milliseconds(80)}},
      {.row = "52",
       .name = "disorder draws an ACK with SACK at once, a duplicate one with D-SACK",
       .play = disorder,
       .expected = R"(
0.00 < P. seq 5 ack 1 len 4
0.00 > . seq 1 ack 1 sack 1
0.10 < P. seq 1 ack 1 len 4
0.10 > . seq 1 ack 9
0.20 < P. seq 1 ack 1 len 4
0.20 > . seq 1 ack 9 sack 1
0.30 socket: connected, 8 bytes
)"},
      {.row = "53",
       .name = "a closed window is probed after 200 ms, then doubling",
       .play = zero_window,
       .expected = R"(
0.20 > . seq 0 ack 1
0.60 > . seq 0 ack 1
1.40 > . seq 0 ack 1
2.00 < . seq 1 ack 1
2.00 > P. seq 1 ack 1 len 4
)",
       .tolerance = {.base = milliseconds(80), .fraction = 0.07}},
      {.row = "53b",
       .name = "a small window is filled, no more",
       .play = small_window,
       .expected = R"(
0.10 at first 2 segments, 2920 bytes
0.20 after an ACK 4 segments, 5840 bytes
)"},
  };
}

}  // namespace elblab::golden
