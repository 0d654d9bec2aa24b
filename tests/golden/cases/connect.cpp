// Opening a connection: what a SYN meets, and what a host in SYN_SENT makes of the answers.
#include <cstdlib>

#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kWrongAcknowledgment = 7777;

void closed_port(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.begin();
  peer.send(syn);
  scene.wait(milliseconds(300));
}

void acknowledgment_to_closed_port(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.begin();
  peer.send_at(ack, 1, 5555);
  scene.wait(milliseconds(300));
}

void refused(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  peer.send(rst | ack);
  scene.wait_for([&] { return scene.host().state(outcome.socket).phase == SocketPhase::failed; },
                 seconds(2));
  scene.write_socket(outcome.socket);
  scene.wait(milliseconds(1200));
}

void bare_reset_in_syn_sent(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  peer.send_at(rst, 0, 0);
  scene.wait_until(milliseconds(1500));
  scene.write_socket(outcome.socket);
}

void wrong_acknowledgment_in_syn_sent(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  peer.send_at(ack, 5000, kWrongAcknowledgment);
  scene.wait_until(milliseconds(2500));
  scene.write_socket(outcome.socket);
}

void black_hole(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  scene.wait_until(seconds(39));
  scene.write_socket(outcome.socket);
}

void syn_retries_run_out(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.host().set_sysctl("net.ipv4.tcp_syn_retries", 1);
  scene.host().set_sysctl("net.ipv4.tcp_syn_linear_timeouts", 0);
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  scene.wait_for([&] { return scene.host().state(outcome.socket).phase == SocketPhase::failed; },
                 seconds(5));
  scene.write_socket(outcome.socket);
}

void syn_ack_retransmissions(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  scene.wait_until(milliseconds(9000));
}

// A second SYN meets the half-open connection (FTC-14, state SYN_RECEIVED).
void syn_in_syn_received(Scene& scene, std::uint32_t sequence) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  scene.wait_until(milliseconds(300));
  peer.send_at(syn, sequence, 0);
  scene.wait_until(milliseconds(600));
  scene.write("SYN_RECV " + std::to_string(scene.host().gauges().syn_received));
}

void same_syn_in_syn_received(Scene& scene) { syn_in_syn_received(scene, 0); }
void syn_outside_window_in_syn_received(Scene& scene) { syn_in_syn_received(scene, 10'000'000); }
void syn_inside_window_in_syn_received(Scene& scene) { syn_in_syn_received(scene, 1000); }

// The SYN's ISN in ticks of the kernel's 64 ns clock, for a connection to a fixed 4-tuple.
std::uint32_t isn_of_attempt(Scene& scene, std::uint16_t destination_port,
                             std::uint16_t source_port, Duration& at) {
  TcpPeer peer(scene, peer_endpoint(destination_port));
  const ConnectOutcome outcome = scene.host().connect(peer.local(), source_port);
  at = scene.now();
  peer.wait_for(syn);
  scene.host().close(outcome.socket);
  return peer.host_initial_sequence();
}

void initial_sequence(Scene& scene) {
  scene.begin();
  scene.hide_packets();
  Duration first_at{}, second_at{}, other_at{};
  const std::uint32_t first = isn_of_attempt(scene, 80, 50000, first_at);
  const std::uint32_t other = isn_of_attempt(scene, 81, 50000, other_at);
  scene.wait_until(milliseconds(1000));
  const std::uint32_t second = isn_of_attempt(scene, 80, 50000, second_at);
  const double ticks = static_cast<double>((second_at - first_at).count()) / 64.0;
  scene.write_figure("same 4-tuple later, ISN growth per 64 ns", (second - first) / ticks, 0.9,
                     1.1);
  // A hash of the 4-tuple stands apart from the clock by far more than a second of ticks, but for
  // one draw in 200.
  const auto apart = std::abs(static_cast<std::int32_t>(other - first));
  scene.write(apart > 10'000'000 ? "another 4-tuple: another hash"
                                 : "another 4-tuple: " + std::to_string(apart) + " away");
}

void syn_options(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  std::size_t header_bytes = 0;
  std::uint16_t window = 0;
  scene.observe([&](const net::PacketView& packet, Duration) {
    header_bytes = packet.transport().size();
    window = packet.window();
  });
  scene.begin();
  scene.host().connect(peer.local());
  peer.wait_for(syn);
  scene.write("TCP header: " + std::to_string(header_bytes) + " bytes, window " +
              std::to_string(window));
}

void syn_ack_options(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  net::TcpOptions offered;
  offered.mss = 1460;
  offered.sack_permitted = true;
  offered.window_scale = 7;
  peer.set_syn_options(offered);
  peer.set_timestamp(1000);
  std::uint16_t window = 0;
  scene.observe([&](const net::PacketView& packet, Duration) { window = packet.window(); });
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  scene.write("window " + std::to_string(window));
}

}  // namespace

std::vector<GoldenCase> connect_cases() {
  constexpr Tolerance kTimerWheel{.base = milliseconds(150), .late_fraction = 0.07};
  return {
      {.row = "1", .name = "a SYN to a closed port is reset", .play = closed_port, .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > R. seq wire-0 ack 1 win 0
)"},
      {.row = "1b",
       .name = "an ACK to a closed port is reset with its own number",
       .play = acknowledgment_to_closed_port,
       .expected = R"(
0.00 < . seq 1 ack 5555
0.00 > R seq 5555 win 0
)"},
      {.row = "2", .name = "RST+ACK refuses a connection at once", .play = refused, .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 < R. seq 0 ack 1 win 64240
0.00 socket: ECONNREFUSED
)"},
      {.row = "3",
       .name = "a bare RST does not refuse a connection",
       .play = bare_reset_in_syn_sent,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 < R seq 0 win 64240
1.00 > S seq 0 mss 1460 sackOK ts ws 7
1.50 socket: connecting
)"},
      {.row = "4",
       .name = "a wrong acknowledgment in SYN_SENT is reset, the SYN comes again",
       .play = wrong_acknowledgment_in_syn_sent,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 < . seq 5000 ack 7777
0.00 > R seq 7777 win 0
0.01 > S seq 0 mss 1460 sackOK ts ws 7
1.01 > S seq 0 mss 1460 sackOK ts ws 7
2.01 > S seq 0 mss 1460 sackOK ts ws 7
2.50 socket: connecting
)",
       .version_note = "the early SYN comes after two ticks: 8 ms at HZ 250"},
      {.row = "5",
       .name = "SYNs into a black hole: four linear timeouts, then doubling",
       .play = black_hole,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
1.00 > S seq 0 mss 1460 sackOK ts ws 7
2.00 > S seq 0 mss 1460 sackOK ts ws 7
3.00 > S seq 0 mss 1460 sackOK ts ws 7
4.00 > S seq 0 mss 1460 sackOK ts ws 7
5.00 > S seq 0 mss 1460 sackOK ts ws 7
7.00 > S seq 0 mss 1460 sackOK ts ws 7
11.0 > S seq 0 mss 1460 sackOK ts ws 7
19.0 > S seq 0 mss 1460 sackOK ts ws 7
35.0 > S seq 0 mss 1460 sackOK ts ws 7
39.0 socket: connecting
)",
       .tolerance = kTimerWheel,
       .version_note = "linear timeouts exist since Linux 6.5"},
      {.row = "5b",
       .name = "SYN retries run out: ETIMEDOUT",
       .play = syn_retries_run_out,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
1.00 > S seq 0 mss 1460 sackOK ts ws 7
3.00 socket: ETIMEDOUT
)",
       .tolerance = kTimerWheel},
      {.row = "6",
       .name = "SYN+ACK is sent again after 1, 2 and 4 s",
       .play = syn_ack_retransmissions,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
1.00 > S. seq 0 ack 1 mss 1460
3.00 > S. seq 0 ack 1 mss 1460
7.00 > S. seq 0 ack 1 mss 1460
)",
       .tolerance = kTimerWheel},
      {.row = "6b",
       .name = "the same SYN again draws the SYN+ACK again",
       .play = same_syn_in_syn_received,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.30 < S seq 0 mss 1460
0.30 > S. seq 0 ack 1 mss 1460
0.60 SYN_RECV 1
)"},
      {.row = "6c",
       .name = "another SYN outside the window draws an ACK in SYN_RECV",
       .play = syn_outside_window_in_syn_received,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.30 < S seq 10000000 mss 1460
0.30 > . seq 1 ack 1
0.60 SYN_RECV 1
)"},
      {.row = "6d",
       .name = "another SYN inside the window resets a connection in SYN_RECV",
       .play = syn_inside_window_in_syn_received,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.30 < S seq 1000 mss 1460
0.30 > R. seq wire-0 ack 1001 win 0
0.60 SYN_RECV 0
)"},
      {.row = "27",
       .name = "the ISN is a hash of the 4-tuple plus a clock",
       .play = initial_sequence,
       .expected = R"(
1.00 same 4-tuple later, ISN growth per 64 ns: 0.900..1.100
1.00 another 4-tuple: another hash
)"},
      {.row = "28",
       .name = "a SYN offers MSS, SACK, timestamps and window scale",
       .play = syn_options,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 TCP header: 40 bytes, window 64240
)"},
      {.row = "28b",
       .name = "a SYN+ACK takes up every option offered",
       .play = syn_ack_options,
       .expected = R"(
0.00 < S seq 0 mss 1460 sackOK ts ws 7
0.00 > S. seq 0 ack 1 mss 1460 sackOK ts ws 7
0.00 window 65160
)"},
  };
}

}  // namespace elblab::golden
