// Handshakes that go another way: wrong numbers, resets half-way, other options, other limits.
// Beyond the first table: measured with the cases themselves.
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

void write_queues(Scene& scene) {
  const HostGauges gauges = scene.host().gauges();
  scene.write("established " + std::to_string(gauges.established) + ", SYN_RECV " +
              std::to_string(gauges.syn_received));
}

void syn_ack_of_another_syn(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  peer.wait_for(syn);
  peer.send_at(syn | ack, 0, 5000);
  scene.wait_until(milliseconds(500));
  scene.write_socket(outcome.socket);
}

// A segment meets a half-open connection.
void segment_in_syn_received(Scene& scene, std::uint8_t flags, std::uint32_t sequence,
                             std::uint32_t acknowledgment, std::string_view payload = {}) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  peer.send_at(flags, sequence, acknowledgment, payload);
  scene.wait_until(milliseconds(300));
  write_queues(scene);
}

void wrong_final_ack(Scene& scene) { segment_in_syn_received(scene, ack, 1, 5000); }
void exact_reset(Scene& scene) { segment_in_syn_received(scene, rst, 1, 0); }
void reset_inside_window(Scene& scene) { segment_in_syn_received(scene, rst, 101, 0); }
void reset_outside_window(Scene& scene) { segment_in_syn_received(scene, rst, 10'000'000, 0); }
void final_ack_outside_window(Scene& scene) { segment_in_syn_received(scene, ack, 10'000'000, 1); }
void final_ack_with_data(Scene& scene) { segment_in_syn_received(scene, psh | ack, 1, 1, "data"); }
void final_ack_with_fin(Scene& scene) { segment_in_syn_received(scene, fin | ack, 1, 1); }

void syn_with_sysctl(Scene& scene, const char* sysctl) {
  scene.host().set_sysctl(sysctl, 0);
  TcpPeer peer(scene, peer_endpoint(kServicePort));
  scene.begin();
  scene.host().connect(peer.local());
  peer.wait_for(syn);
}

void without_timestamps(Scene& scene) { syn_with_sysctl(scene, "net.ipv4.tcp_timestamps"); }
void without_sack(Scene& scene) { syn_with_sysctl(scene, "net.ipv4.tcp_sack"); }
void without_scaling(Scene& scene) { syn_with_sysctl(scene, "net.ipv4.tcp_window_scaling"); }

void unlimited_challenges(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_invalid_ratelimit", 0);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  establish(scene, peer);
  scene.begin();
  for (int i = 0; i < 3; ++i) {
    scene.wait_until(i * milliseconds(100));
    peer.send_at(syn, 123456, 0);
  }
  scene.wait_until(milliseconds(300));
}

// Handshakes completed by 10 clients one after another.
void accept_queue(Scene& scene, int backlog) {
  scene.host().listen(kServicePort, backlog);
  const auto clients = make_clients(scene, 10);
  scene.begin();
  scene.hide_packets();
  for (const auto& client : clients) {
    client->send(syn);
    if (!client->wait_for(syn | ack, milliseconds(20))) continue;
    client->send(ack);
    scene.wait(milliseconds(5));
  }
  write_queues(scene);
}

void backlog_of_zero(Scene& scene) { accept_queue(scene, 0); }
void backlog_cut_by_somaxconn(Scene& scene) {
  scene.host().set_sysctl("net.core.somaxconn", 2);
  accept_queue(scene, 100);
}

// 100 SYNs at a listener whose backlog would hold them all.
void syn_backlog(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_syncookies", 0);
  scene.host().set_sysctl("net.ipv4.tcp_max_syn_backlog", 64);
  scene.host().listen(kServicePort, 128);
  const auto clients = make_clients(scene, 100);
  scene.begin();
  scene.hide_packets();
  for (const auto& client : clients) client->send(syn);
  scene.wait_until(milliseconds(300));
  write_queues(scene);
}

}  // namespace

std::vector<GoldenCase> handshake_cases() {
  constexpr Tolerance kAnyPace{.base = milliseconds(2000)};
  return {
      {.row = "58",
       .name = "a SYN+ACK with a wrong acknowledgment is reset, the SYN comes again",
       .play = syn_ack_of_another_syn,
       .expected = R"(
0.00 > S seq 0 mss 1460 sackOK ts ws 7
0.00 < S. seq 0 ack 5000 mss 1460
0.00 > R seq 5000 win 0
0.01 > S seq 0 mss 1460 sackOK ts ws 7
0.50 socket: connecting
)"},
      {.row = "59",
       .name = "a final ACK with a wrong acknowledgment is reset, SYN_RECV stays",
       .play = wrong_final_ack,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < . seq 1 ack 5000
0.00 > R seq 5000 win 0
0.30 established 0, SYN_RECV 1
)"},
      {.row = "59b", .name = "an exact RST ends SYN_RECV", .play = exact_reset, .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < R seq 1 win 64240
0.30 established 0, SYN_RECV 0
)"},
      {.row = "59c",
       .name = "a RST inside the window but not exact draws a challenge ACK in SYN_RECV",
       .play = reset_inside_window,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < R seq 101 win 64240
0.00 > . seq 1 ack 1
0.30 established 0, SYN_RECV 1
)",
       .version_note = "RFC 5961 for half-open connections; seen on 6.18.44"},
      {.row = "59d",
       .name = "a RST outside the window is ignored in SYN_RECV",
       .play = reset_outside_window,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < R seq 10000000 win 64240
0.30 established 0, SYN_RECV 1
)"},
      {.row = "59e",
       .name = "a final ACK outside the window draws an ACK in SYN_RECV",
       .play = final_ack_outside_window,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < . seq 10000000 ack 1
0.00 > . seq 1 ack 1
0.30 established 0, SYN_RECV 1
)"},
      {.row = "59f",
       .name = "a final ACK may carry data",
       .play = final_ack_with_data,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < . seq 1 ack 1 len 4
0.00 > . seq 1 ack 5
0.30 established 1, SYN_RECV 0
)"},
      {.row = "59g",
       .name = "a final ACK may carry FIN",
       .play = final_ack_with_fin,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < F. seq 1 ack 1
0.00 > . seq 1 ack 2
0.30 established 0, SYN_RECV 0
)"},
      {.row = "60",
       .name = "tcp_timestamps 0: no timestamps in a SYN",
       .play = without_timestamps,
       .expected = "0.00 > S seq 0 mss 1460 sackOK ws 7"},
      {.row = "60b",
       .name = "tcp_sack 0: no SACK-permitted in a SYN",
       .play = without_sack,
       .expected = "0.00 > S seq 0 mss 1460 ts ws 7"},
      {.row = "60c",
       .name = "tcp_window_scaling 0: no window scale in a SYN",
       .play = without_scaling,
       .expected = "0.00 > S seq 0 mss 1460 sackOK ts"},
      {.row = "61",
       .name = "tcp_invalid_ratelimit 0: every SYN on a connection draws a challenge ACK",
       .play = unlimited_challenges,
       .expected = R"(
0.00 < S seq 123456 mss 1460
0.00 > . seq 1 ack 1
0.10 < S seq 123456 mss 1460
0.10 > . seq 1 ack 1
0.20 < S seq 123456 mss 1460
0.20 > . seq 1 ack 1
)"},
      {.row = "62",
       .name = "a backlog of 0 holds one connection",
       .play = backlog_of_zero,
       .expected = "0.20 established 1, SYN_RECV 0",
       .tolerance = kAnyPace},
      {.row = "62b",
       .name = "somaxconn cuts the backlog",
       .play = backlog_cut_by_somaxconn,
       .expected = "0.20 established 3, SYN_RECV 0",
       .tolerance = kAnyPace},
      {.row = "62c",
       .name = "tcp_max_syn_backlog without cookies keeps a quarter for proven peers",
       .play = syn_backlog,
       .expected = "0.30 established 0, SYN_RECV 49",
       .tolerance = kAnyPace},
  };
}

}  // namespace elblab::golden
