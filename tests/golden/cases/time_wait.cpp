// TIME_WAIT: how long it holds a 4-tuple, and what may take it (FTC-14).
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kHigherSequence = 100'000;

void write_time_wait_count(Scene& scene) {
  scene.write("sockets in TIME_WAIT: " + std::to_string(scene.host().gauges().time_wait));
}

void length(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  write_time_wait_count(scene);
  // Looks twice a second: a count is a walk over all sockets of a kernel.
  for (int looks = 1; looks < 140 && scene.host().gauges().time_wait > 0; ++looks) {
    scene.wait_until(looks * milliseconds(500));
  }
  write_time_wait_count(scene);
}

void duplicate_fin(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  for (int i = 0; i < 3; ++i) {
    scene.wait_until(i * milliseconds(100));
    peer.send_at(fin | ack, 1, 2);
  }
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

// One segment at TIME_WAIT; the peer's next number is 2, the host's too.
void segment_at_time_wait(Scene& scene, std::uint8_t flags, std::uint32_t sequence,
                          std::string_view payload = {}) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  peer.send_at(flags, sequence, 2, payload);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

void pure_ack(Scene& scene) { segment_at_time_wait(scene, ack, 2); }
void data(Scene& scene) { segment_at_time_wait(scene, psh | ack, 2, "data"); }
void inexact_reset(Scene& scene) { segment_at_time_wait(scene, rst, 102); }

void lower_sequence(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  peer.send_at(syn, 0U - 5000U, 0);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

void higher_sequence(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  peer.send_at(syn, kHigherSequence, 0);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

// The connection used timestamps, its last one from the peer was 1000.
void reach_time_wait_with_timestamps(Scene& scene, TcpPeer& peer) {
  peer.set_timestamp(1000);
  reach_time_wait(scene, peer);
}

void lower_sequence_newer_timestamp(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait_with_timestamps(scene, peer);
  scene.begin();
  peer.set_timestamp(2000);
  peer.send_at(syn, 0U - 5000U, 0);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

void higher_sequence_older_timestamp(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait_with_timestamps(scene, peer);
  scene.begin();
  peer.set_timestamp(500);
  peer.send_at(syn, kHigherSequence, 0);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

void exact_reset(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  reach_time_wait(scene, peer);
  scene.begin();
  peer.send_at(rst, 2, 0);
  scene.wait(milliseconds(300));
  write_time_wait_count(scene);
}

void exact_reset_rfc1337(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_rfc1337", 1);
  exact_reset(scene);
}

}  // namespace

std::vector<GoldenCase> time_wait_cases() {
  return {
      {.row = "12",
       .name = "TIME_WAIT lasts 60 s",
       .play = length,
       .expected = R"(
0.00 sockets in TIME_WAIT: 1
60.0 sockets in TIME_WAIT: 0
)",
       .tolerance = {.base = milliseconds(600), .late_fraction = 0.04}},
      {.row = "13",
       .name = "a duplicate FIN is acknowledged each time",
       .play = duplicate_fin,
       .expected = R"(
0.00 < F. seq 1 ack 2
0.00 > . seq 2 ack 2
0.10 < F. seq 1 ack 2
0.10 > . seq 2 ack 2
0.20 < F. seq 1 ack 2
0.20 > . seq 2 ack 2
0.50 sockets in TIME_WAIT: 1
)"},
      {.row = "13b",
       .name = "a pure ACK in TIME_WAIT draws nothing",
       .play = pure_ack,
       .expected = R"(
0.00 < . seq 2 ack 2
0.30 sockets in TIME_WAIT: 1
)"},
      {.row = "13c", .name = "data in TIME_WAIT draws an ACK", .play = data, .expected = R"(
0.00 < . seq 2 ack 2 len 4
0.00 > . seq 2 ack 2
0.30 sockets in TIME_WAIT: 1
)"},
      {.row = "14",
       .name = "a SYN with a lower sequence draws an ACK, TIME_WAIT stays",
       .play = lower_sequence,
       .expected = R"(
0.00 < S seq 4294962296 mss 1460
0.00 > . seq 2 ack 2
0.30 sockets in TIME_WAIT: 1
)"},
      {.row = "14b",
       .name = "a SYN with an older timestamp draws an ACK, TIME_WAIT stays",
       .play = higher_sequence_older_timestamp,
       .expected = R"(
0.00 < S seq 100000 mss 1460 ts
0.00 > . seq 2 ack 2 ts
0.30 sockets in TIME_WAIT: 1
)"},
      {.row = "15",
       .name = "a SYN with a higher sequence is accepted, ISN = snd_nxt + 65537",
       .play = higher_sequence,
       .expected = R"(
0.00 < S seq 100000 mss 1460
0.00 > S. seq 65539 ack 100001 mss 1460
0.30 sockets in TIME_WAIT: 0
)"},
      {.row = "15b",
       .name = "a SYN with a newer timestamp is accepted whatever its sequence",
       .play = lower_sequence_newer_timestamp,
       .expected = R"(
0.00 < S seq 4294962296 mss 1460 ts
0.00 > S. seq 65539 ack 4294962297 mss 1460 ts
0.30 sockets in TIME_WAIT: 0
)"},
      {.row = "16", .name = "an exact RST ends TIME_WAIT", .play = exact_reset, .expected = R"(
0.00 < R seq 2 win 64240
0.30 sockets in TIME_WAIT: 0
)"},
      {.row = "16b",
       .name = "with tcp_rfc1337 an exact RST is ignored",
       .play = exact_reset_rfc1337,
       .expected = R"(
0.00 < R seq 2 win 64240
0.30 sockets in TIME_WAIT: 1
)"},
      {.row = "16c",
       .name = "a RST that is not exact does not end TIME_WAIT",
       .play = inexact_reset,
       .expected = R"(
0.00 < R seq 102 win 64240
0.30 sockets in TIME_WAIT: 1
)"},
  };
}

}  // namespace elblab::golden
