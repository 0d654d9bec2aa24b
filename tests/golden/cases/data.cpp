// Data in flight: the initial window, loss, disorder and a closed window. The first table ended at
// row 42; these rows were measured with the cases themselves.
#include <algorithm>

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

// What one full segment of the host carries when the peer's SYN has these options.
void segment_size(Scene& scene, const net::TcpOptions& offered, bool timestamps) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_syn_options(offered);
  if (timestamps) peer.set_timestamp(1000);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.hide_packets();
  std::size_t largest = 0;
  scene.observe([&](const net::PacketView& packet, Duration) {
    largest = std::max(largest, packet.payload().size());
  });
  scene.host().send(socket, segments(4));
  scene.wait_until(milliseconds(100));
  scene.write("largest segment: " + std::to_string(largest) + " bytes");
}

net::TcpOptions offer(std::optional<std::uint16_t> mss) {
  net::TcpOptions options;
  options.mss = mss;
  return options;
}

void small_mss(Scene& scene) { segment_size(scene, offer(1000), false); }
void no_mss(Scene& scene) { segment_size(scene, offer(std::nullopt), false); }
void mss_with_timestamps(Scene& scene) { segment_size(scene, offer(1460), true); }

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

net::TcpOptions offer_sack() {
  net::TcpOptions offered;
  offered.mss = 1460;
  offered.sack_permitted = true;
  return offered;
}

// SACK options are made by hand: the peer says it holds the bytes from `begin` on up to `end`.
std::vector<std::uint8_t> sack_option(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint8_t> bytes = {net::tcp_option::nop,
                                     net::tcp_option::nop,
                                     net::tcp_option::sack,
                                     10,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0};
  net::store32(bytes.data() + 4, begin);
  net::store32(bytes.data() + 8, end);
  return bytes;
}

// Long enough for what the host does after two of them to be told from what it does at once.
constexpr Duration kRoundTrip = milliseconds(100);

// The second of six segments is lost, the peer tells by SACK what came after it.
void sack_recovery(Scene& scene) {
  constexpr std::uint32_t kBytes = kSegmentBytes;
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_syn_options(offer_sack());
  const SocketHandle socket = establish(scene, peer, kRoundTrip);
  scene.host().send(socket, segments(6));
  scene.wait_for([&] { return peer.expected_sequence() == 6 * kBytes + 1; }, milliseconds(50));
  scene.begin();
  const std::uint32_t origin = peer.host_initial_sequence();
  for (std::uint32_t held = 3; held <= 5; ++held) {
    peer.set_raw_options(sack_option(origin + 1 + 2 * kBytes, origin + 1 + held * kBytes));
    peer.send_at(ack, 1, 1 + kBytes);
  }
  scene.wait_until(milliseconds(50));
  peer.set_raw_options({});
  peer.send(ack);
  scene.wait_until(milliseconds(400));
}

// Nothing is acknowledged: the tail is probed after two round trips, not only when the
// retransmission timer fires (RFC 8985 7).
void tail_loss_probe(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_syn_options(offer_sack());
  const SocketHandle socket = establish(scene, peer, kRoundTrip);
  scene.begin();
  const std::uint64_t flight = peer.segments_received() + 3;
  scene.host().send(socket, segments(3));
  // The probe is the last segment again; the retransmission timer would bring the first.
  scene.wait_for([&] { return peer.segments_received() > flight; }, milliseconds(1000));
  peer.send(ack);
  scene.wait(milliseconds(500));
}

void disorder(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_syn_options(offer_sack());
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

void overlap(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(psh | ack, 1, 1, "abcd");
  scene.wait_until(milliseconds(100));
  peer.send_at(psh | ack, 3, 1, "cdef");
  scene.wait_until(milliseconds(200));
  scene.write_socket(socket);
}

// Three segments come, each leaving a hole before it.
void several_holes(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_syn_options(offer_sack());
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  for (std::uint32_t i = 0; i < 3; ++i) {
    scene.wait_until(i * milliseconds(100));
    peer.send_at(psh | ack, 5 + 8 * i, 1, "late");
  }
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
      {.row = "50b",
       .name = "segments keep to the peer's MSS",
       .play = small_mss,
       .expected = "0.10 largest segment: 1000 bytes"},
      {.row = "50c",
       .name = "without an MSS option segments carry 536 bytes",
       .play = no_mss,
       .expected = "0.10 largest segment: 536 bytes"},
      {.row = "50d",
       .name = "timestamps take 12 bytes from a segment",
       .play = mss_with_timestamps,
       .expected = "0.10 largest segment: 1448 bytes"},
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
      {.row = "51b",
       .name = "SACK of three segments beyond a hole brings the lost one at once",
       .play = sack_recovery,
       .expected = R"(
0.00 < . seq 1 ack 1461 sack 1
0.00 < . seq 1 ack 1461 sack 1
0.00 < . seq 1 ack 1461 sack 1
0.00 > . seq 1461 ack 1 len 1460
0.05 < . seq 1 ack 8761
)",
       .tolerance = {.base = milliseconds(80)}},
      {.row = "51c",
       .name = "the tail of a flight is probed after two round trips",
       .play = tail_loss_probe,
       .expected = R"(
0.00 > . seq 1 ack 1 len 1460
0.00 > . seq 1461 ack 1 len 1460
0.00 > . seq 2921 ack 1 len 1460
0.20 > . seq 2921 ack 1 len 1460
0.20 < . seq 1 ack 4381
)",
       .tolerance = {.base = milliseconds(150)}},
      {.row = "52",
       .name = "disorder draws an ACK with SACK at once, a duplicate one with D-SACK",
       .play = disorder,
       .expected = R"(
0.00 < . seq 5 ack 1 len 4
0.00 > . seq 1 ack 1 sack 1
0.10 < . seq 1 ack 1 len 4
0.10 > . seq 1 ack 9
0.20 < . seq 1 ack 1 len 4
0.20 > . seq 1 ack 9 sack 1
0.30 socket: connected, 8 bytes
)"},
      {.row = "52b", .name = "overlapping data is delivered once", .play = overlap, .expected = R"(
0.00 < . seq 1 ack 1 len 4
0.00 > . seq 1 ack 5
0.10 < . seq 3 ack 1 len 4
0.10 > . seq 1 ack 7
0.20 socket: connected, 6 bytes
)"},
      {.row = "52c",
       .name = "each hole is one more SACK block",
       .play = several_holes,
       .expected = R"(
0.00 < . seq 5 ack 1 len 4
0.00 > . seq 1 ack 1 sack 1
0.10 < . seq 13 ack 1 len 4
0.10 > . seq 1 ack 1 sack 2
0.20 < . seq 21 ack 1 len 4
0.20 > . seq 1 ack 1 sack 3
0.30 socket: connected
)"},
      {.row = "53",
       .name = "a closed window is probed after 200 ms, then doubling",
       .play = zero_window,
       .expected = R"(
0.20 > . seq 0 ack 1
0.60 > . seq 0 ack 1
1.40 > . seq 0 ack 1
2.00 < . seq 1 ack 1
2.00 > . seq 1 ack 1 len 4
)",
       .tolerance = {.base = milliseconds(80), .late_fraction = 0.07}},
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
